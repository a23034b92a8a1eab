/** Money back: the arithmetic first, then a reason, a manager where one is needed, and what became of it in words. */

import { announce } from "../announce.js";
import { newKey, Problem } from "../http.js";
import { n, t } from "../messages.js";
import { call, insist } from "./api_client.js";
import { withApproval } from "./approval.js";
import { askForm, Refused } from "./dialogs.js";
import { button, make, need, option, sum } from "./dom.js";
import { FormQuestions } from "./form_questions.js";
import { amount, fieldText, money, readAmount } from "./format.js";
import { cardName } from "./parts.js";
import { outcome, STATES } from "./refund_outcome.js";
import { fitRestock, readRestock, restockChoice } from "./restock.js";
import { refundLabel } from "./tenders.js";

/** @param {string} kind */
const way = (kind) => (kind === "cash" ? t("In cash from the drawer") : refundLabel(kind));

const PAUSE = 250;

/**
 * @param {string} words
 * @param {string} figure
 */
const row = (words, figure, strong = false) =>
  make("div", {}, make("dt", {}, strong ? make("strong", { text: words }) : words), make("dd", {}, sum(figure)));

/** @param {RefundQuote} chosen */
function arithmetic(chosen) {
  const hasTax = chosen.tax_minor > 0;
  return [
    chosen.steps.length > 0 &&
      make(
        "dl",
        { class: "sums" },
        chosen.steps.map((step) => row(step.words, amount(step.minor))),
      ),
    make(
      "dl",
      { class: chosen.steps.length > 0 ? "sums ruled" : "sums" },
      row(t("Given back"), money(chosen.total_minor), true),
      hasTax && row(t("of it tax"), amount(chosen.tax_minor)),
    ),
    chosen.total_minor === 0 &&
      make("p", {
        text: t("Nothing comes back. Offer to keep the sessions that are left; giving them up cannot be undone."),
      }),
    chosen.ways.length > 0 &&
      make(
        "dl",
        { class: "sums ruled" },
        chosen.ways.map((one) => [
          one.rounding_minor !== 0 && row(t("Cash rounding"), amount(one.rounding_minor)),
          row(one.card ? `${way(one.kind)} · ${cardName(one.card)}` : way(one.kind), amount(one.amount_minor)),
        ]),
      ),
    chosen.credits > 0 &&
      make("p", {
        class: "hint",
        text: n("{count} session is given up.", "{count} sessions are given up.", chosen.credits),
      }),
  ];
}

/**
 * Whether anything of a sale can be given back.
 * @param {Refundable} sale
 */
const isRefundable = (sale) =>
  Boolean(sale.void) ||
  sale.packages.some((one) => !one.why_not) ||
  sale.lines.some((line) => !line.why_not) ||
  sale.tip_minor > 0;

/** @param {Refundable} sale */
function choices(sale) {
  /**
   * @param {string} value
   * @param {string} words
   * @param {string} detail
   * @param {boolean} checked
   */
  const radio = (value, words, detail, checked, disabled = false) =>
    make(
      "label",
      { class: "check" },
      make("input", { type: "radio", name: "what", value, checked, disabled }),
      make("span", {}, words, detail && make("br"), detail && make("small", { class: "soft", text: detail })),
    );
  const lines = sale.lines.filter((line) => !line.why_not);
  const packages = sale.packages.map((one, at) =>
    radio(
      `package:${one.package_id}`,
      one.name,
      one.why_not || t("{left} of {credits} sessions left", { left: one.left, credits: one.credits }),
      !one.why_not && at === 0,
      Boolean(one.why_not),
    ),
  );
  const hasPackage = sale.packages.some((one) => !one.why_not);
  return [
    sale.void &&
      radio(
        "void",
        t("Void the whole sale"),
        t("It was rung up in this shift; everything goes back and both records stay."),
        !hasPackage,
      ),
    ...packages,
    (lines.length > 0 || sale.tip_minor > 0) &&
      radio("lines", t("Refund part"), t("Choose what goes back, and how much of it."), !hasPackage && !sale.void),
  ].filter(Boolean);
}

/**
 * How many of a line go back, all of them at first.
 * @param {RefundableLine} line
 */
function unitsChoice({ position, name, units_left: left }) {
  const counts = Array.from({ length: left }, (_, at) => left - at);
  return make(
    "select",
    { name: "units", "data-position": String(position), "aria-label": t("How many of {name}", { name }) },
    counts.map((count) => option(String(count), t("{count} of {all}", { count, all: left }))),
  );
}

/**
 * @param {Refundable} sale
 * @param {boolean} chosen whether all of them are at first
 */
function lineChoices(sale, chosen) {
  return sale.lines.map((line) =>
    make(
      "label",
      { class: "check" },
      make("input", {
        type: "checkbox",
        name: "position",
        value: String(line.position),
        checked: chosen && !line.why_not,
        disabled: Boolean(line.why_not),
      }),
      make(
        "span",
        {},
        line.quantity > 1 ? `${line.units_left > 1 ? line.units_left : line.quantity} × ${line.name}` : line.name,
        line.why_not && make("br"),
        line.why_not && make("small", { class: "soft", text: line.why_not }),
      ),
      !line.why_not && line.units_left > 1 && unitsChoice(line),
      !line.why_not && line.in_stock && restockChoice(line),
      make("span", { class: "push" }, sum(amount(line.left_minor))),
    ),
  );
}

/**
 * @param {HTMLFormElement} form
 * @param {Refundable} sale
 * @param returns {Wanted}
 */
function read(form, sale) {
  const what = form.elements.what.value;
  if (what === "void") return { what };
  const asCredit = form.elements.as_credit.checked;
  if (what.startsWith("package:")) return { what, body: { package_id: what.slice(8), as_credit: asCredit } };
  /** @type {NodeListOf<HTMLInputElement>} */
  const boxes = form.querySelectorAll("[name=position]:checked");
  const positions = [...boxes].map((box) => Number(box.value));
  /** @type {NodeListOf<HTMLSelectElement>} */
  const selects = form.querySelectorAll("select[name=units]");
  const units = [...selects]
    .filter((select) => positions.includes(Number(select.dataset.position)) && select.selectedIndex > 0)
    .map((select) => [Number(select.dataset.position), Number(select.value)]);
  const typed = form.elements.amount.value.trim();
  const minor = typed ? readAmount(typed) : null;
  if (typed && (minor === null || minor < 0))
    throw new Refused(t("Write an amount, such as 20.00, or leave it empty for all of it."), "amount");
  const tip = form.elements.tip.checked ? sale.tip_minor : 0;
  if (!positions.length && !tip) throw new Refused(t("Choose what goes back."), "lines");
  const amountMinor = positions.length ? minor : 0;
  const restock = typed ? [] : readRestock(form);
  return { what, body: { positions, units, restock, amount_minor: amountMinor, tip_minor: tip, as_credit: asCredit } };
}

/**
 * @param {string} what
 * @param {number} minor
 */
function submitText(what, minor) {
  if (what === "void") return t("Void, {amount} back", { amount: money(minor) });
  return minor ? t("Refund {amount}", { amount: money(minor) }) : t("Give the sessions up");
}

/**
 * What a manager approves.
 * @param {string} what
 * @param {string} amount
 * @param {Refundable} sale
 */
function approvalText(what, amount, { receipt, client }) {
  if (what === "void") return t("Void receipt {receipt}: {amount} back.", { receipt, amount });
  if (client) return t("Refund {amount} for receipt {receipt}, {client}.", { amount, receipt, client });
  return t("Refund {amount} for receipt {receipt}.", { amount, receipt });
}

/**
 * @param {HTMLFormElement} form
 * @param {Refundable} sale
 * @param {Kept} keep
 * @param {boolean} chosen
 */
function prepare(form, sale, keep, chosen) {
  const preview = need(form, "[data-preview]");
  const total = need(form, "[data-sum]");
  const submit = /** @type {HTMLButtonElement} */ (need(form, "button:not([type=button])"));
  const questions = new FormQuestions(form);

  async function look() {
    const isLast = questions.begin();
    keep.chosen = null;
    submit.disabled = true;
    total.replaceChildren();
    try {
      const wanted = read(form, sale);
      /** @type {RefundQuote} */
      const chosen =
        wanted.what === "void" ? sale.void : await call("POST", `/sales/${sale.sale_id}/refund-preview`, wanted.body);
      if (!isLast()) return;
      keep.wanted = wanted;
      keep.chosen = chosen;
      preview.replaceChildren(.../** @type {Node[]} */ (arithmetic(chosen).flat().filter(Boolean)));
      need(submit, "span").textContent = submitText(wanted.what, chosen.total_minor);
      total.replaceChildren(t("Given back"), " ", make("strong", {}, sum(money(chosen.total_minor))));
      submit.disabled = false;
    } catch (error) {
      if (!isLast()) return;
      if (!(error instanceof Problem) && !(error instanceof Refused)) throw error;
      preview.replaceChildren(make("p", { class: "field-error", role: "alert", text: error.message }));
    }
  }

  function shows() {
    const what = form.elements.what.value;
    need(form, "[data-some]").hidden = what !== "lines";
    fitRestock(form, form.elements.amount.value.trim() !== "");
    need(form, "[data-credit]").hidden = what === "void" || !sale.named;
  }

  need(form, "[data-what]").replaceChildren(.../** @type {Node[]} */ (choices(sale)));
  need(form, "[data-lines]").replaceChildren(...lineChoices(sale, chosen));
  need(form, "[data-tip]").hidden = !sale.tip_minor;
  need(form, "[data-tip-words]").textContent = t("The tip of {amount} too", {
    amount: fieldText(sale.tip_minor),
  });
  shows();
  form.oninput = (event) => {
    if (/** @type {HTMLInputElement} */ (event.target).name === "reason") return;
    shows();
    questions.soon(look, PAUSE);
  };
  return look();
}

/**
 * Give something of a sale back. Resolves to the refund as it then stands, or null; throws Refused if nothing is left.
 * @param {string} saleId
 * @param {{title: string, reason: string, of: (sale: Refundable) => Refundable} | null} [exchange] goods alone, for others:
 *   what a known client returns is kept for them as account credit
 * @returns {Promise<Refund | null>}
 */
export async function refundForm(saleId, exchange = null) {
  /** @type {Refundable} */
  const found = await call("GET", `/sales/${saleId}/refundable`);
  const sale = exchange ? exchange.of(found) : found;
  if (!isRefundable(sale)) throw new Refused(t("Nothing is left to give back."));
  /** @type {Kept} */
  const keep = { wanted: null, chosen: null, refundId: newKey(), content: null };
  /** @type {Refund | null} */
  let done = null;
  await askForm(
    "refund-dialog",
    (form, dialog) => {
      need(dialog, "h2").textContent = exchange?.title ?? t("Refund {receipt}", { receipt: sale.receipt });
      /** @type {HTMLElement} */ (need(form, "[data-what]").parentElement).hidden = Boolean(exchange);
      form.elements.reason.value = exchange?.reason ?? "";
      form.elements.as_credit.checked = Boolean(exchange) && sale.named;
      prepare(form, sale, keep, !exchange || sale.lines.length === 1);
    },
    async (form) => {
      if (!keep.chosen || !keep.wanted) throw new Refused(t("Choose what goes back."), "lines");
      const reason = form.elements.reason.value.trim();
      if (reason.length < 3) throw new Refused(t("Write why. It is kept with the refund."), "reason");
      const { what, body } = keep.wanted;
      const given = { ...(body ?? {}), reason, expected_total_minor: keep.chosen.total_minor };
      // A retry of the same wish carries the same key; another wish gets its own.
      const content = JSON.stringify([what, given]);
      if (keep.content !== null && keep.content !== content) keep.refundId = newKey();
      keep.content = content;
      const path = what === "void" ? "void" : "refunds";
      const total = money(keep.chosen.total_minor);
      const text = approvalText(what, total, sale);
      done = await withApproval(
        (approvalId) =>
          insist("POST", `/sales/${saleId}/${path}`, { ...given, refund_id: keep.refundId, approval_id: approvalId }),
        text,
      );
      if (!done) throw new Refused(t("Nobody approved it. Nothing was given back."), null);
    },
  );
  const made = /** @type {Refund | null} */ (done);
  if (made) {
    const facts = { note: made.note, state: STATES[made.state].words };
    announce(made.kind === "void" ? t("Voided {note}. {state}.", facts) : t("Refund {note}. {state}.", facts));
  }
  return made;
}

/**
 * The part of a sale's panel about money back: what was given back before, and the way to give more.
 * @param {string} saleId
 */
export function refundSection(saleId) {
  const region = make("section", { class: "refund-section", "aria-label": t("Refunds") });
  const list = make("div", {});
  /** @param {Event} event */
  const start = async (event) => {
    const key = /** @type {HTMLButtonElement} */ (event.currentTarget);
    key.disabled = true;
    try {
      if (await refundForm(saleId)) await load();
    } catch (error) {
      if (!(error instanceof Problem) && !(error instanceof Refused)) throw error;
      list.prepend(make("p", { class: "field-error", role: "alert", text: error.message }));
    } finally {
      key.disabled = false;
    }
  };
  /** @param {Refund} refund */
  function entry(refund) {
    const box = make("div", { class: "refund-entry" });
    /** @type {ShowRefund} */
    const show = (now, problem) =>
      box.replaceChildren(.../** @type {Node[]} */ (outcome(now, show, problem).flat().filter(Boolean)));
    show(refund);
    return box;
  }
  async function load() {
    /** @type {Refundable} */
    const sale = await call("GET", `/sales/${saleId}/refundable`);
    list.replaceChildren(...sale.refunds.map((refund) => entry({ ...refund, named: sale.named })));
    key.hidden = sale.voided || !isRefundable(sale);
  }
  const key = button(t("Refund"), start, { iconName: "undo", name: "refund" });
  key.hidden = true;
  region.append(list, key);
  load().catch((error) => {
    if (!(error instanceof Problem)) throw error;
    list.replaceChildren(make("p", { class: "field-error", role: "alert", text: error.message }));
  });
  return region;
}
