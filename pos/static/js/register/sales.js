/** A sale looked at again: its lines, its paper, a counted reprint, a mail. */

import { toast } from "../announce.js";
import { dialogById, openDialog } from "../dialog.js";
import { Problem } from "../http.js";
import { t } from "../messages.js";
import { call } from "./api_client.js";
import { askForm } from "./dialogs.js";
import { button, make, need, sum } from "./dom.js";
import { exchangeKey } from "./exchange.js";
import { amount, credits, moment } from "./format.js";
import { otherPaperLink, paperLink, printKey } from "./papers.js";
import { refundSection } from "./refund.js";
import { tenderLabel } from "./tenders.js";
import { visitConversionKey } from "./visit_conversion.js";

/**
 * Mail the receipt of a sale.
 * @param {{sale_id: string, receipt: string, client?: Client | null}} sale
 */
export function mailForm(sale) {
  return askForm(
    "mail-dialog",
    (form) => {
      form.elements.to.value = sale.client?.email ?? "";
    },
    async (form) => {
      const to = form.elements.to.value.trim();
      await call("POST", `/sales/${sale.sale_id}/mail`, { to: to === sale.client?.email ? "" : to });
      toast(t("Receipt {receipt} is on its way to {to}.", { receipt: sale.receipt, to }));
    },
  );
}

/** @param {SaleLine} line */
function figure(line) {
  if (!line.cover || line.amount_minor !== 0) return amount(line.amount_minor);
  return line.cover === "credit" ? credits(line.quantity) : t("included");
}

/**
 * @param {string} words
 * @param {string} text
 */
function row(words, text) {
  return make("div", {}, make("dt", { text: words }), make("dd", { class: "money", text }));
}

/**
 * @param {SaleAnswer} sale
 * @param {HTMLElement} region
 */
function reprintKey(sale, region) {
  /** @param {Event} event */
  const run = async (event) => {
    const key = /** @type {HTMLButtonElement} */ (event.currentTarget);
    key.disabled = true;
    try {
      const { number, pdf } = await call("POST", `/sales/${sale.sale_id}/reprint`, {});
      const words = t("Print duplicate {number}", { number });
      const link = printKey(words, { to: `/sales/${sale.sale_id}/print`, pdf, duplicate: number });
      need(region, "[data-duplicate]").replaceChildren(link);
      link.focus();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      toast(error.message);
    } finally {
      key.disabled = false;
    }
  };
  return button(t("Reprint (marked as duplicate)"), run, { iconName: "copy" });
}

/**
 * @param {SaleAnswer} sale
 * @param {HTMLElement} region
 */
function panel(sale, region) {
  const lines = sale.lines.map((line) =>
    row(
      [
        line.quantity > 1 ? `${line.quantity} × ${line.name}` : line.name,
        line.person && t("for {name}", { name: line.person }),
      ]
        .filter(Boolean)
        .join(" · "),
      figure(line),
    ),
  );
  const tenders = sale.tenders.map((tender) => row(tenderLabel(tender.kind), amount(tender.amount_minor)));
  return [
    make("p", { class: "soft", text: `${moment(sale.completed_at)}${sale.client ? ` · ${sale.client.name}` : ""}` }),
    make("dl", { class: "sums" }, lines),
    make(
      "dl",
      { class: "sums ruled" },
      sale.tip_minor > 0 && row(t("Tip"), amount(sale.tip_minor)),
      make(
        "div",
        {},
        make("dt", {}, make("strong", { text: t("Total") })),
        make("dd", {}, sum(amount(sale.total_minor + sale.tip_minor))),
      ),
      (sale.rounding_minor ?? 0) !== 0 && row(t("Cash rounding"), amount(sale.rounding_minor ?? 0)),
      tenders,
      sale.change_minor > 0 && row(t("Change"), amount(sale.change_minor)),
    ),
    make(
      "div",
      { class: "paper-keys" },
      printKey(t("Print"), { to: `/sales/${sale.sale_id}/print`, pdf: sale.pdf }),
      otherPaperLink(sale.pdf),
      paperLink(t("As a page"), sale.html, "eye"),
      sale.lines.some((line) => line.person) &&
        paperLink(t("Statement by person"), `/register/sales/${sale.sale_id}/statements.html`, "file"),
      button(t("Mail"), () => mailForm(sale), { iconName: "mail" }),
      reprintKey(sale, region),
      make("span", { "data-duplicate": true }),
    ),
    sale.client && make("div", { "data-visit-conversion": true }),
    exchangeKey(sale, {
      leave: () => {
        for (const id of ["sale-dialog", "sales-dialog"]) dialogById(id).close();
      },
      again: () => {
        dialogById("sale-dialog").close();
        showSalePanel(sale);
      },
    }),
    refundSection(sale.sale_id),
  ];
}

/**
 * Open the panel of a sale found by its receipt.
 * @param {{sale_id: string, receipt: string}} found
 */
export async function showSalePanel({ sale_id: saleId, receipt }) {
  const dialog = dialogById("sale-dialog");
  const region = need(dialog, "[data-sale]");
  need(dialog, "h2").textContent = t("Receipt {receipt}", { receipt });
  region.replaceChildren(make("p", { class: "spinner", role: "status", text: t("Looking the sale up.") }));
  const closed = openDialog(dialog);
  try {
    const sale = await call("GET", `/sales/${saleId}`);
    region.replaceChildren(.../** @type {Node[]} */ (panel(sale, region).filter(Boolean)));
    const offered =
      sale.client &&
      visitConversionKey(await call("GET", `/sales/${saleId}/visit-conversion`), sale.client, () => dialog.close());
    if (offered) need(region, "[data-visit-conversion]").replaceChildren(offered);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    region.replaceChildren(
      make("p", { class: "field-error", role: "alert", text: error.message }),
      button(t("Look again"), () => {
        dialog.close();
        showSalePanel({ sale_id: saleId, receipt });
      }),
    );
  }
  return closed;
}
