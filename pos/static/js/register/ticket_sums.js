/** The sums of the ticket: tip, discounts, taxes and what pays before cash and card. */
import { t } from "../messages.js";
import { change } from "./cart.js";
import { namesTherapist, toggleStored, toggleTip } from "./cart_draft.js";
import { tipOnReader } from "./checkout.js";
import { icon, make } from "./dom.js";
import { amount, credits, percent, therapistName } from "./format.js";
import { storedName } from "./gift_cards.js";
import { chargedMinor, chargeKeys, chargeRows } from "./service_charges.js";
import { set, state } from "./state.js";
import { giveTip, isPooled } from "./therapists.js";

/**
 * @param {{tip: Tip | null, choices: Ticket["tip_choices"], currency: string, reader: boolean | null}} tips
 * @param {{tip: () => void}} open
 */
function tipRow({ tip, choices, currency, reader }, open) {
  const keys = choices.map((choice) =>
    make("button", {
      type: "button",
      class: "tip-key",
      "aria-pressed": String(Number(tip?.percent) === Number(choice.percent) && tip?.percent != null),
      "data-focus": `tip-${choice.percent}`,
      "aria-label": t("Tip {percent}, {amount}", {
        percent: percent(choice.percent),
        amount: amount(choice.amount_minor),
      }),
      title: amount(choice.amount_minor),
      onclick: () => change((draft) => toggleTip(draft, choice.percent)),
      text: percent(choice.percent),
    }),
  );
  const own = tip?.amount_minor ?? null;
  const other = make(
    "button",
    {
      type: "button",
      class: "tip-key",
      "aria-label": own === null ? t("Another tip") : t("Tip {amount}, change it", { amount: amount(own) }),
      "aria-pressed": String(own !== null),
      "data-focus": "tip-own",
      "aria-haspopup": "dialog",
      onclick: open.tip,
    },
    own === null ? icon("edit") : amount(own),
  );
  const onReader =
    reader !== null &&
    make(
      "button",
      {
        type: "button",
        class: "tip-key",
        "aria-label": t("Ask for a tip on the reader"),
        title: t("Ask on the reader"),
        "aria-pressed": String(reader),
        "data-focus": "tip-reader",
        onclick: toggleReaderTip,
      },
      icon("reader"),
    );
  return make(
    "div",
    { class: "tips", role: "group", "aria-label": t("Tip in {currency}", { currency }) },
    make("span", { text: t("Tip") }),
    keys,
    other,
    onReader,
  );
}

/**
 * Whose the tip is: keys where no line says it, words where lines do. The pool comes first.
 * @param {NonNullable<SumsModel["tipTo"]>} tipTo
 */
function tipFor({ holders, shares, chosen }) {
  if (holders.length === 0) {
    const names = shares
      .map((one) => (shares.length > 1 ? `${one.name} ${amount(one.amount_minor)}` : one.name))
      .join(", ");
    return make("p", { class: "tips tip-for", text: t("The tip is for {names}", { names }) });
  }
  const keys = holders.map((one) =>
    make("button", {
      type: "button",
      class: "tip-key",
      "aria-pressed": String(one.staff_id === chosen),
      "data-focus": `tip-for-${one.staff_id ?? "pool"}`,
      "aria-label": one.staff_id ? t("The tip is for {names}", { names: one.name }) : t("The tip goes to the pool"),
      onclick: () => giveTip(one.staff_id),
      text: one.name,
    }),
  );
  return make(
    "div",
    { class: "tips tip-for", role: "group", "aria-label": t("Whose the tip is") },
    make("span", { text: t("For") }),
    make("div", { class: "tip-keys" }, keys),
  );
}

/**
 * What tipFor shows, or null without a tip.
 * @param {State} now
 * @returns {SumsModel["tipTo"]}
 */
export function tipHolders(now) {
  const shares = now.ticket?.tip_shares ?? [];
  if (!now.draft.tip || shares.length === 0 || now.mode === "whose") return null;
  /** @param {string | null} id */
  const nameOf = (id) =>
    id ? (therapistName(now.therapists.find((one) => one.staff_id === id)) ?? t("somebody else")) : t("the pool");
  const asked = !namesTherapist(now.draft);
  return {
    holders: asked
      ? [
          { staff_id: null, name: t("Pool") },
          ...now.therapists.map((one) => ({ staff_id: one.staff_id, name: one.name })),
        ]
      : [],
    shares: shares.map((one) => ({ ...one, name: nameOf(one.staff_id) })),
    chosen: now.draft.tip.staff_id ?? (isPooled() ? null : undefined),
  };
}

/** Let the reader ask for a tip, or no longer; a tip on the ticket goes, for nobody is asked twice. */
function toggleReaderTip() {
  const asks = tipOnReader();
  set({ noReaderTip: asks });
  if (!asks && state.draft.tip) change((draft) => ({ ...draft, tip: null }));
}

/**
 * A promo code on the ticket: what it takes off, or why nothing, and the way off.
 * @param {NonNullable<Ticket["promo"]>} promo
 * @param {boolean | undefined} still
 */
function promoRow(promo, still) {
  const off = () => change((draft) => ({ ...draft, promo: null }));
  const words = make(
    "dt",
    { class: "stored-name" },
    make("span", { text: promo.label || promo.code }),
    promo.problem && make("small", { class: "soft", text: ` ${promo.problem}` }),
    !still &&
      make(
        "button",
        {
          type: "button",
          class: "ticket-tool stored-off",
          "aria-label": t("Take the code {code} off the ticket", { code: promo.code }),
          "data-focus": "off-promo",
          onclick: off,
        },
        icon("close"),
      ),
  );
  return make("div", {}, words, make("dd", { class: "money", text: amount(-promo.amount_minor) }));
}

/**
 * @param {string} words
 * @param {string} figure
 */
function pair(words, figure) {
  return make("div", {}, make("dt", { text: words }), make("dd", { class: "money", text: figure }));
}

/**
 * A gift card or account credit that pays: what it takes, why it takes nothing, and the way off the ticket.
 * @param {StoredOnTicket} one
 * @param {boolean | undefined} still
 */
function storedRow(one, still) {
  const off = () => change((draft) => toggleStored(draft, one));
  const words = make(
    "dt",
    { class: "stored-name" },
    make("span", { text: storedName(one) }),
    one.problem && make("small", { class: "soft", text: ` ${one.problem}` }),
    !still &&
      !one.is_visit &&
      make(
        "button",
        {
          type: "button",
          class: "ticket-tool stored-off",
          "aria-label": t("Take {name} off the ticket", { name: storedName(one) }),
          "data-focus": `off-${one.card_id ?? "account"}`,
          onclick: off,
        },
        icon("close"),
      ),
  );
  return make("div", {}, words, make("dd", { class: "money", text: amount(-one.pays_minor) }));
}

/**
 * @param {Place} place
 * @param {Totals["taxes"][number]} tax
 */
function taxText({ tax_inclusive: isIncluded }, tax) {
  const facts = { tax: tax.name, percent: percent(tax.percent), net: amount(tax.net_minor) };
  return isIncluded ? t("Includes {tax} {percent}", facts) : t("{tax} {percent} on {net}", facts);
}

/** @param {SumsModel["discounts"][number]} discount */
function discountText({ line, percent: part, reason }) {
  const facts = [part && percent(part), line, reason].filter(Boolean).join(", ");
  return facts ? t("Discount {discount}", { discount: facts }) : t("Discount");
}

/**
 * From the list price down to what bears tax: what credits pay, each discount with its reason, and what is left. Nothing where
 * one line is charged as it stands.
 * @param {SumsModel} model
 */
function down({ totals, discounts, lines, promo, still, charges }) {
  const { list_minor: all, covered_minor: covered, discount_minor: off } = totals;
  const list = all - chargedMinor(charges);
  const cuts = [
    covered > 0 &&
      pair(
        totals.credits_used > 0 ? t("Paid by {credits}", { credits: credits(totals.credits_used) }) : t("Included"),
        amount(-covered),
      ),
    ...discounts.map((one) => pair(discountText(one), amount(-one.amount_minor))),
    promo && promoRow(promo, still),
  ].filter(Boolean);
  if (cuts.length === 0) return lines > 1 || list < all ? [pair(t("Subtotal"), amount(list))] : [];
  return [pair(t("List price"), amount(list)), ...cuts, pair(t("Subtotal"), amount(list - covered - off))];
}

/**
 * The rows of sums and tips for a priced ticket: a column that adds up, from the list price to what is due.
 * @param {SumsModel} model
 * @param {{tip: () => void}} open
 */
export function sums(model, open) {
  const { totals, tip, choices, place, still, stored, readerTip, tipTo, charges } = model;
  const rows = [
    ...down(model),
    ...chargeRows(charges, still),
    ...totals.taxes.filter((tax) => tax.tax_minor > 0).map((tax) => pair(taxText(place, tax), amount(tax.tax_minor))),
    totals.tip_minor > 0 &&
      pair(
        tip?.percent
          ? t("Tip, {percent} of {amount}", { percent: percent(tip.percent), amount: amount(totals.tip_base_minor) })
          : t("Tip"),
        amount(totals.tip_minor),
      ),
    stored.length > 0 && pair(t("Total"), amount(totals.due_minor)),
    ...stored.map((one) => storedRow(one, still)),
    totals.cash_minor !== totals.rest_minor && pair(t("In cash, rounded"), amount(totals.cash_minor)),
  ];
  return [
    !still && totals.tip_base_minor > 0 && tipRow({ tip, choices, currency: place.currency, reader: readerTip }, open),
    !still && tipTo && tipFor(tipTo),
    !still && chargeKeys(charges),
    make("dl", { class: "sums" }, rows),
  ];
}
