/** The drawer: open it with its float, move cash, look at the shift, close it by a blind count. */

import { toast } from "../announce.js";
import { dialogById, openDialog } from "../dialog.js";
import { newKey, Problem } from "../http.js";
import { t } from "../messages.js";
import { call } from "./api_client.js";
import { withApproval } from "./approval.js";
import { counting } from "./count.js";
import { askForm, Refused } from "./dialogs.js";
import { button, make, need, option, sum } from "./dom.js";
import { amount, clockTime, fieldText, readAmount } from "./format.js";
import { may, set, state } from "./state.js";

const KINDS = [
  {
    kind: "paid_in",
    words: t("Paid in"),
    about: t("Cash that comes into the drawer and is no sale: change from the bank, say."),
  },
  { kind: "paid_out", words: t("Paid out"), about: t("Cash that leaves the drawer for something bought.") },
  { kind: "drop", words: t("Drop"), about: t("Cash taken out of the drawer to the safe or the bank.") },
  { kind: "tip_paid_out", words: t("Pay a tip out"), about: t("Tips a therapist is owed, handed over in cash.") },
  { kind: "no_sale", words: t("Open without a sale"), about: t("The drawer is opened and nothing goes in or out.") },
];

/**
 * @param {HTMLFormElement} form
 * @param {"float" | "counted" | "left"} field
 */
function counted(form, field) {
  const minor = readAmount(form.elements[field].value);
  if (minor === null || minor < 0) throw new Refused(t("Count the drawer and write the sum, such as 100.00."), field);
  return minor;
}

// Opening twice is refused by the server; after a lost answer that refusal means that the first one arrived.
/** @param {unknown} error */
async function again(error) {
  if (!(error instanceof Problem) || error.status !== 409) throw error;
  const { shift } = await call("GET", "/state");
  if (!shift) throw error;
  return { shift };
}

/** @param {DrawerAnswer} known */
function openDrawer(known) {
  /** @type {ReturnType<typeof counting>} */
  let counts = () => null;
  return askForm(
    "open-drawer-dialog",
    (form) => {
      counts = counting(form, "float", known.denominations);
      need(form, "[data-note]").hidden = true;
      form.elements.float.value = known.left_minor ? fieldText(known.left_minor) : "";
    },
    async (form) => {
      const body = {
        float_minor: counted(form, "float"),
        counts: counts(),
        note: form.elements.note.value,
        confirmed_minor: form.confirmedMinor,
      };
      if (known.left_minor && known.left_minor !== body.float_minor) need(form, "[data-note]").hidden = false;
      const { shift } = await call("POST", "/shift", body).catch(again);
      set({ shift, notice: null });
      toast(t("The drawer is open with {amount}.", { amount: amount(shift.float_minor) }));
    },
  );
}

// ---- movements

/**
 * @param {typeof KINDS[number]} movement
 * @param {DrawerAnswer} known
 */
function askMovement({ kind, words, about }, known) {
  const movementId = newKey();
  return askForm(
    "movement-dialog",
    (form, dialog) => {
      need(dialog, "h2").textContent = words;
      need(form, "[data-about]").textContent = about;
      need(form, '[data-field="amount"]').hidden = kind === "no_sale";
      need(form, '[data-field="recipient_id"]').hidden = kind !== "tip_paid_out";
      form.elements.recipient_id.replaceChildren(
        ...known.tips.map(({ staff_id: value, name, owed_minor: owed }) =>
          option(value, t("{name}: {amount} owed", { name, amount: amount(owed) })),
        ),
      );
    },
    async (form) => {
      const minor = kind === "no_sale" ? 0 : readAmount(form.elements.amount.value);
      if (minor === null || (kind !== "no_sale" && minor <= 0))
        throw new Refused(t("Write the amount: more than zero."), "amount");
      const reason = form.elements.reason.value.trim();
      if (!reason) throw new Refused(t("Write down why."), "reason");
      const body = {
        movement_id: movementId,
        kind,
        amount_minor: minor,
        reason,
        recipient_id: kind === "tip_paid_out" ? form.elements.recipient_id.value : null,
        confirmed_minor: form.confirmedMinor,
      };
      const done = await withApproval(
        (approvalId) => call("POST", "/shift/movements", { ...body, approval_id: approvalId }),
        t("{movement}: {amount}. {reason}", { movement: words, amount: amount(minor), reason }),
      );
      if (!done) throw new Refused(t("Nobody approved it, so nothing was recorded."));
      toast(
        kind === "no_sale"
          ? t("The opening is recorded.")
          : t("{movement}: {amount} is recorded.", { movement: words, amount: amount(minor) }),
      );
    },
  );
}

/** @param {NonNullable<State["shift"]>} shift */
const openText = ({ opened_at: at, float_minor: float }) =>
  t("Open since {time} with a float of {amount}.", { time: clockTime(at), amount: amount(float) });

/** @param {Movement} movement */
function movementRow({ words, amount_minor: minor, reason, at }) {
  return make(
    "tr",
    {},
    make("td", { class: "when", text: clockTime(at) }),
    make("th", { scope: "row" }, words, make("br"), make("span", { class: "hint", text: reason })),
    make("td", { class: "num" }, sum(minor ? amount(minor) : "–")),
  );
}

/** @param {DrawerAnswer & {shift: NonNullable<State["shift"]>}} known */
function showDrawer(known) {
  const dialog = dialogById("drawer-dialog");
  /** @param {() => unknown} run */
  const to = (run) => () => {
    dialog.close();
    run();
  };
  const moved = known.movements.length
    ? make(
        "div",
        { class: "table", role: "region", tabindex: "0", "aria-label": t("Cash that moved") },
        make("table", {}, make("tbody", {}, ...known.movements.map(movementRow))),
      )
    : make("p", { class: "hint", text: t("No cash has moved without a sale in this shift.") });
  need(dialog, "[data-drawer]").replaceChildren(
    make("p", {
      text: t("Open since {time} with a float of {amount}.", {
        time: clockTime(known.shift.opened_at),
        amount: amount(known.shift.float_minor),
      }),
    }),
    make(
      "div",
      { class: "stack tight" },
      ...KINDS.map((one) =>
        button(
          one.words,
          to(() => askMovement(one, known)),
          { kind: "block" },
        ),
      ),
    ),
    moved,
    make(
      "div",
      { class: "dialog-foot" },
      make("a", {
        class: "button",
        href: may("see_reports") ? "/register/x.html" : "/register/x/counts.html",
        target: "_blank",
        rel: "noopener",
        text: may("see_reports") ? t("X report") : t("X report, without cash"),
      }),
      button(
        t("Close the drawer…"),
        to(() => closeDrawer(known)),
        { kind: "primary" },
      ),
    ),
  );
  return openDialog(dialog);
}

// ---- the close

/** @param {number} over minor units, negative where some are missing */
function differenceText(over) {
  if (over === 0) return t("It fits to the cent.");
  return over > 0 ? t("{amount} over.", { amount: amount(over) }) : t("{amount} short.", { amount: amount(-over) });
}

/** @param {CloseAnswer} done */
function outcome(done) {
  const over = done.over_short_minor;
  /**
   * @param {string} label
   * @param {string} figure
   */
  const row = (label, figure) => make("div", {}, make("dt", { text: label }), make("dd", {}, sum(figure)));
  return [
    make(
      "dl",
      { class: "sums" },
      row(t("Expected"), amount(done.expected_minor)),
      row(t("Counted"), amount(done.counted_minor)),
      row(t("Difference"), amount(over)),
      row(t("Stays in the drawer"), amount(done.left_minor)),
    ),
    make("p", {
      class: "drawer-word",
      text: [
        differenceText(over),
        t("The difference is recorded; {amount} goes to the bank.", {
          amount: amount(done.counted_minor - done.left_minor),
        }),
      ].join(" "),
    }),
    make(
      "p",
      {},
      make("a", {
        href: `${done.z_pdf}?format=${state.place.papers[0].format}`,
        target: "_blank",
        rel: "noopener",
        text: t("Print Z report {z_number}", { z_number: done.z_number }),
      }),
      " · ",
      make("a", { href: done.z_html, target: "_blank", rel: "noopener", text: t("Look at it") }),
    ),
  ];
}

/** @param {DrawerAnswer & {shift: NonNullable<State["shift"]>}} known */
function closeDrawer(known) {
  const dialog = dialogById("close-drawer-dialog");
  const form = /** @type {HTMLFormElement} */ (need(dialog, "form"));
  const result = need(dialog, "[data-result]");
  /** @type {ReturnType<typeof counting>} */
  let counts = () => null;
  form.hidden = false;
  result.hidden = true;
  return askForm(
    "close-drawer-dialog",
    () => {
      counts = counting(form, "counted", known.denominations);
      form.elements.left.value = fieldText(known.shift.float_minor);
      need(form, "[data-since]").textContent = openText(known.shift);
    },
    async () => {
      const body = {
        counted_minor: counted(form, "counted"),
        left_minor: counted(form, "left"),
        counts: counts(),
        note: form.elements.note.value,
        confirmed_minor: form.confirmedMinor,
      };
      const done = await withApproval(
        (approvalId) => call("POST", "/shift/close", { ...body, approval_id: approvalId }),
        t("The count of {amount} differs more than is allowed. Somebody else counts it too and signs.", {
          amount: amount(body.counted_minor),
        }),
      );
      if (!done) throw new Refused(t("Nobody signed for the count. Count again, or ask a second person."), "counted");
      set({ shift: null });
      form.hidden = true;
      result.hidden = false;
      result.replaceChildren(
        ...outcome(done),
        make(
          "div",
          { class: "dialog-foot" },
          button(t("Done"), () => dialog.close("done"), { kind: "primary" }),
        ),
      );
      need(result, "button").focus();
      await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
    },
  );
}

/** The drawer of this desk: open it, or show what can be done with it. */
export async function drawer() {
  if (!may("run_drawer")) {
    toast(t("Your role does not include the drawer. Ask a manager."));
    return null;
  }
  try {
    const known = await call("GET", "/shift");
    return known.shift ? await showDrawer(known) : await openDrawer(known);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    toast(error.message);
    return null;
  }
}
