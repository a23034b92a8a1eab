/** The lines of the ticket as rows: their facts, their amounts, and the keys under them. */
import { t } from "../messages.js";
import { emptyList } from "./appointments.js";
import { change } from "./cart.js";
import { toggleDay } from "./cart_draft.js";
import { art, button, icon, make, sum } from "./dom.js";
import { amount, credits, day, percent, therapistName } from "./format.js";
import { toggleAccount } from "./gift_cards.js";
import { anotherKey, personRow } from "./line_persons.js";
import { coveredLines, leftAfter, waitsFor } from "./lines.js";
import { openItemFacts } from "./open_items.js";
import { state } from "./state.js";
import { therapistChips, treatsModel } from "./therapists.js";

/**
 * What a discount takes off, with its reason: "$5.00, late".
 * @param {Discount} discount
 */
function discountText({ percent: part, amount_minor: minor, reason }) {
  return [part ? percent(part) : amount(minor ?? 0), reason].filter(Boolean).join(", ");
}

/**
 * A discount as an amount taken off, with its reason: "−$5.00, late".
 * @param {Discount} discount
 */
function discountWords(discount) {
  return `−${discountText(discount)}`;
}

/**
 * Of a package paid in parts: what this line is of, and what stays to be paid.
 * @param {ShownLine} line
 */
function partWords(line) {
  if (!line.part) return null;
  if (line.part.lot_id) return t("a part of its price");
  const price = line.priced?.price_minor ?? line.item?.price_minor;
  if (price === undefined) return null;
  return t("of {price}, {rest} later", { price: amount(price), rest: amount(price - line.part.amount_minor) });
}

/**
 * To whom a gift card goes, and how.
 * @param {Gift} gift
 */
function giftFacts({ to_name: name, to_email: mail, send_on: on }) {
  return [name && t("for {name}", { name }), mail && (on ? t("by mail on {day}", { day: day(on) }) : t("by mail"))];
}

/**
 * What of the client's package pays the line.
 * @param {Cover} cover
 */
function coverFacts(cover) {
  if (cover.kind === "included") return [t("comes with {package}", { package: cover.package })];
  const left = leftAfter(state, cover.lot_id);
  const facts = [
    left === null ? cover.package : t("{package}, {left} left after this", { package: cover.package, left }),
  ];
  if (cover.upgrade_minor > 0) {
    const extra = { amount: amount(cover.upgrade_minor) };
    facts.push(cover.surcharge ? t("surcharge {amount}", extra) : t("upgrade {amount}", extra));
  }
  return facts;
}

/** @param {ShownLine & {exemption: Exemption}} line */
function exemptText({ priced, exemption: { reference } }) {
  if (!priced || priced.exempt_units >= priced.units) return t("free of tax, {reference}", { reference });
  return t("{some} of {all} free of tax, {reference}", { some: priced.exempt_units, all: priced.units, reference });
}

/**
 * What is to be known of a line besides its name: therapist, credit, discount.
 * @param {ShownLine} line
 */
export function lineFacts(line) {
  const due =
    line.item?.kind === "variant" && line.priced && !line.priced.cover && line.credit === "auto"
      ? waitsFor(state, line.item_id, line.person_id)
      : null;
  // The chip under a visit says it, while the ticket can be changed.
  const therapist =
    !treatsModel(line, state) && therapistName(state.therapists.find((one) => one.staff_id === line.therapist_id));
  const facts = [
    ...(line.gift ? giftFacts(line.gift) : []),
    ...(line.open_item ? openItemFacts(line.open_item, line.quantity) : []),
    therapist,
    line.quantity > 1 && line.item && `${line.quantity} × ${amount(line.price?.amount_minor ?? line.item.price_minor)}`,
    ...(line.priced?.cover ? coverFacts(line.priced.cover) : []),
    partWords(line),
    due !== null && t("{amount} to pay before the next credit can be used", { amount: amount(due) }),
    line.visit_conversion && t("what was paid before counts towards it"),
    line.credit === "none" && t("no credit used"),
    line.exemption && exemptText({ ...line, exemption: line.exemption }),
    line.price &&
      line.item &&
      t("instead of {amount}, {reason}", { amount: amount(line.item.price_minor), reason: line.price.reason }),
    line.discount && discountWords(line.discount),
  ];
  return facts.filter(Boolean).join(" · ");
}

/**
 * What a line costs: an amount, or the credits that pay it.
 * @param {ShownLine} line
 */
export function lineAmount(line) {
  if (!line.priced && line.gift) return amount(line.gift.amount_minor);
  if (!line.priced && line.open_item) return amount(line.open_item.amount_minor * line.quantity);
  if (!line.priced && line.part) return amount(line.part.amount_minor);
  if (!line.priced && line.price) return amount(line.price.amount_minor * line.quantity);
  if (!line.priced) return line.item ? amount(line.item.price_minor * line.quantity) : "";
  const { cover, amount_minor: minor } = line.priced;
  if (cover?.kind === "credit" && minor === 0) return credits(cover.uses);
  if (cover?.kind === "included" && minor === 0) return t("included");
  return cover?.kind === "credit" ? creditAndAmount(cover, minor) : amount(minor);
}

/**
 * @param {Cover} cover
 * @param {number} minor
 */
function creditAndAmount(cover, minor) {
  const facts = { credits: credits(cover.uses), amount: amount(minor) };
  if (cover.upgrade_minor !== minor) return t("{credits} + {amount}", facts);
  return cover.surcharge ? t("{credits} + surcharge {amount}", facts) : t("{credits} + upgrade {amount}", facts);
}

/**
 * @param {LineRow} line
 * @param {boolean} still whether the ticket is being paid
 * @param {LineActions} open
 */
function lineRow({ line_id: id, name, facts, figure, fresh, persons, treats }, still, open) {
  const words = make(
    "span",
    {},
    make("strong", {}, name, !still && icon("down")),
    facts && make("small", { text: facts }),
  );
  const row = still
    ? make("div", { class: "line-still" }, words, sum(figure))
    : make(
        "button",
        {
          type: "button",
          class: "line-open",
          "aria-haspopup": "dialog",
          "data-focus": id,
          onclick: () => open.line(id),
        },
        words,
        sum(figure),
      );
  return make(
    "li",
    { class: fresh ? "ticket-line fresh" : "ticket-line" },
    row,
    !still && persons && personRow(id, persons),
    treats && therapistChips(id, name, treats),
  );
}

/**
 * The list of lines, or what to do where there is none.
 * @param {LineList} list
 * @param {LineActions} open
 */
export function lineList(
  { lines, isWalkIn, still, mayDiscount, creditWords, accountWords, lateOn, wasLate, forAnother },
  open,
) {
  if (lines.length === 0) {
    return [
      make(
        "div",
        { class: "ticket-empty" },
        art("point"),
        make("h3", { text: t("An empty ticket") }),
        make("p", { text: t("Type a name, press a price, or scan a code.") }),
      ),
      isWalkIn && emptyList(),
    ];
  }
  const tools =
    !still &&
    make(
      "li",
      { class: "ticket-notes row" },
      forAnother && anotherKey(forAnother),
      creditWords &&
        button(creditWords, open.credits, { kind: "quiet", iconName: "credit", key: "U", name: "credits" }),
      lateOn &&
        button(
          wasLate ? t("Visit was today") : t("Visit was yesterday"),
          () => change((draft) => toggleDay(draft, lateOn)),
          {
            kind: "quiet",
            iconName: "calendar",
            name: "visit-day",
          },
        ),
      button(t("Code"), open.giftCode, {
        kind: "quiet",
        iconName: "gift",
        key: "G",
        name: "gift-card",
        "aria-label": t("Gift card or promo code"),
      }),
      accountWords &&
        button(accountWords, toggleAccount, { kind: "quiet", iconName: "wallet", key: "W", name: "account" }),
      mayDiscount &&
        button(t("Discount"), open.discount, { kind: "quiet", iconName: "percent", key: "D", name: "discount" }),
      button(t("Clear"), open.clear, { kind: "quiet", iconName: "delete", name: "clear" }),
    );
  return [
    make(
      "ol",
      { class: "lines" },
      lines.map((line) => lineRow(line, still, open)),
      tools,
    ),
  ];
}

/**
 * What the key that undoes credits says, or null where there is nothing to undo.
 * @param {State} now
 */
export function creditWords(now) {
  if (now.draft.lines.some((line) => line.credit === "none") && now.client?.credits_left) return t("Use the credit");
  return coveredLines(now).size > 0 ? t("Use no credit") : null;
}

/**
 * What the key that uses account credit says, or null where there is none.
 * @param {State} now
 */
export function accountWords(now) {
  if (now.draft.stored.some((one) => one.kind === "account_credit")) return t("Use no account credit");
  const credit = now.client?.account_credit_minor ?? 0;
  return credit > 0 ? t("Use {amount} credit", { amount: amount(credit) }) : null;
}
