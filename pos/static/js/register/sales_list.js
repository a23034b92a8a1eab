/** The sales of this location, found without the number of a receipt: refund, reprint and look-back start from one of them. */

import { dialogById, openDialog } from "../dialog.js";
import { Problem } from "../http.js";
import { t } from "../messages.js";
import { call } from "./api_client.js";
import { button, make, need } from "./dom.js";
import { FormQuestions } from "./form_questions.js";
import { amount, clockTime, moment } from "./format.js";
import { showSalePanel } from "./sales.js";
import { tenderLabel } from "./tenders.js";

/** After the last key, before the server is asked. Milliseconds. */
const PAUSE = 200;

/**
 * @param {FoundSale} sale
 * @param {string} head what is said of it already
 */
function facts(sale, head) {
  const paid = sale.tenders.map((kind) => (kind === "card" && sale.last4 ? `•••• ${sale.last4}` : tenderLabel(kind)));
  const back = sale.refund && { void: t("Voided"), refund: t("With a refund") }[sale.refund];
  return [sale.receipt, ...paid, sale.desk, back].filter((one) => one && one !== head).join(" · ");
}

/**
 * A sale of a list; it opens on top, and the list is there again when it is closed.
 * @param {FoundSale} sale
 * @param {string} today
 * @param {string} [head] what it is called, where that is not its client
 */
export const saleRow = (sale, today, head = sale.client ?? t("Walk-in")) =>
  make(
    "li",
    {},
    make(
      "button",
      { type: "button", class: "sale-row", onclick: () => showSalePanel(sale) },
      make("strong", { text: head }),
      make("span", { class: "money", text: amount(sale.total_minor) }),
      make("small", { class: "soft", text: facts(sale, head) }),
      make("small", {
        class: "soft",
        text: sale.on === today ? clockTime(sale.completed_at) : moment(sale.completed_at),
      }),
    ),
  );

/** Show the list; a sale chosen in it opens on top, and the list is there again when it is closed. */
export async function showSales() {
  const dialog = dialogById("sales-dialog");
  const form = /** @type {HTMLFormElement} */ (need(dialog, "[data-find]"));
  const [list, about] = [need(dialog, "[data-list]"), need(dialog, "[data-about]")];
  const fields = form.elements;
  const questions = new FormQuestions(form);

  async function look() {
    const isLast = questions.begin();
    const query = new URLSearchParams();
    if (fields.words.value.trim()) query.set("q", fields.words.value.trim());
    if (fields.on.value) query.set("on", fields.on.value);
    if (fields.here.checked) query.set("here", "1");
    try {
      const { sales, most, today } = await call("GET", `/sales?${query}`);
      // Somebody has typed on meanwhile: a later answer is on its way.
      if (!isLast()) return;
      about.textContent =
        sales.length === most ? t("The newest {count} are shown. Type more to find others.", { count: most }) : "";
      list.replaceChildren(
        sales.length
          ? make(
              "ul",
              { class: "sale-list" },
              sales.map((/** @type {FoundSale} */ one) => saleRow(one, today)),
            )
          : make(
              "div",
              { class: "state" },
              make("h3", { text: t("No sale found") }),
              make("p", {
                text: query.has("q")
                  ? t("Words are looked for in the last three months, at this desk or at all of this location.")
                  : t("Sales of this day stand here as they are made."),
              }),
            ),
      );
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (!isLast()) return;
      about.textContent = "";
      list.replaceChildren(
        make("p", { class: "field-error", role: "alert", text: error.message }),
        button(t("Look again"), look),
      );
    }
  }

  form.reset();
  form.oninput = () => questions.soon(look, PAUSE);
  form.onsubmit = (event) => {
    event.preventDefault();
    list.querySelector("button")?.focus();
  };
  list.replaceChildren(make("p", { class: "spinner", role: "status", text: t("Looking the sales up.") }));
  about.textContent = "";
  const closed = openDialog(dialog);
  await look();
  return closed;
}
