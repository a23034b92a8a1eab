/**
 * The end of a sale: paid, change, what the client has left, and the ways to the receipt.
 * `own` is what the means in the heading paid by itself, this card or this cash, where other means paid the rest.
 */

import { announce } from "../announce.js";
import { t, withNodes } from "../messages.js";
import { nextClient } from "./checkout.js";
import { button, icon, make, redraw, sum } from "./dom.js";
import { amount, credits, day, firstName } from "./format.js";
import { otherPaperLink, paperLink, printByItself, printKey } from "./papers.js";
import { cardName } from "./parts.js";
import { tenderLabel } from "./tenders.js";
import { visitConversionKey } from "./visit_conversion.js";

/** @type {string | null} */
let said = null;

/** @param {Paid} paid */
function heading({ how, card, by_code: byCode, receipt }) {
  if (how === "credit") return receipt ? t("Visit redeemed") : t("Credit to be confirmed");
  if (how === "cash") return t("Paid in cash");
  if (how === "stored" || how === "parts") return t("Paid");
  if (byCode) return t("Paid by QR code");
  return card ? t("Paid by card · {card}", { card: cardName(card) }) : t("Paid by card");
}

/** @param {Paid} paid */
function remainder({ client, left, receipt }) {
  if (!client || !left || !receipt) return null;
  if (!left.credits_left) return null;
  const facts = { name: firstName(client.name), credits: credits(left.credits_left) };
  if (!left.next_expiry) return t("{name} has {credits} left.", facts);
  const until = { ...facts, day: day(left.next_expiry) };
  if (left.next_left >= left.credits_left) return t("{name} has {credits} left, valid to {day}.", until);
  return t("{name} has {credits} left, {some} of them valid to {day}.", { ...until, some: left.next_left });
}

/** @param {StoredOnTicket} one */
function spentWords(one) {
  if (one.is_visit) return t("{amount} was paid before.", { amount: amount(one.pays_minor) });
  const facts = {
    amount: amount(one.pays_minor),
    left: amount(one.balance_minor - one.pays_minor),
    last4: one.last4 ?? "",
  };
  if (one.reference)
    return t("{amount}: {kind} · {reference}.", { ...facts, kind: tenderLabel(one.kind), reference: one.reference });
  if (one.kind === "gift_card") return t("{amount} from the gift card •••• {last4}, {left} left on it.", facts);
  return t("{amount} from the account credit, {left} left on it.", facts);
}

/**
 * A card just sold: its code, which is shown here and on the certificate only.
 * @param {Paid["cards"][number]} card
 */
function soldCard(card) {
  return make(
    "div",
    { class: "sold-card" },
    make("p", {}, t("Gift card {amount}", { amount: amount(card.face_minor) })),
    card.code && make("p", { class: "money", "data-code": card.code, text: card.code }),
    make("p", { class: "row" }, paperLink(t("Certificate"), card.pdf, "print")),
  );
}

/** @param {Paid} paid */
function ownText({ own, how }) {
  if (how === "card") return t("{amount} of it by this card.", { amount: amount(own) });
  return t("{amount} of it in cash.", { amount: amount(own) });
}

/**
 * @param {Paid} paid
 * @param {{mail: (paid: Paid) => unknown}} open
 */
function build(paid, open) {
  const hasChange = paid.change_minor > 0;
  const rounding = paid.rounding_minor ?? 0;
  const total = paid.total_minor + paid.tip_minor + rounding;
  const left = remainder(paid);
  const isInParts = paid.how === "parts";
  const ownPart = !isInParts && paid.own > 0 && paid.own < total;
  return [
    make(
      "div",
      { class: "paid", role: "status" },
      icon("done"),
      make("h2", { text: heading(paid) }),
      hasChange &&
        make(
          "p",
          { class: "paid-give" },
          withNodes(t("Give {amount} change"), {
            amount: make("span", { class: "paid-change money", text: amount(paid.change_minor) }),
          }),
        ),
      hasChange &&
        make("span", { class: "soft" }, withNodes(t("Out of {amount}"), { amount: sum(amount(paid.tendered)) })),
      paid.how !== "credit" && !hasChange && make("span", { class: "paid-change money", text: amount(total) }),
      (paid.reader_tip ?? 0) > 0 &&
        make("p", {
          text: t("{amount} of it is a tip chosen on the reader.", { amount: amount(paid.reader_tip ?? 0) }),
        }),
      rounding !== 0 && make("p", { text: t("Cash is rounded by {amount}.", { amount: amount(rounding) }) }),
      ownPart && make("p", { text: ownText(paid) }),
      isInParts &&
        (paid.by_cards ?? []).map((part) =>
          make("p", {
            text: t("{amount} of it by {card}.", {
              amount: amount(part.amount_minor),
              card: part.card ? cardName(part.card) : tenderLabel("card"),
            }),
          }),
        ),
      (paid.how === "card" || isInParts) &&
        paid.tendered > 0 &&
        make("p", { text: t("{amount} of it in cash.", { amount: amount(paid.tendered - paid.change_minor) }) }),
      (paid.spent ?? []).map((one) => make("p", { text: spentWords(one) })),
      left && make("p", { text: left }),
    ),
    (paid.cards ?? []).map(soldCard),
    paid.visit_conversion?.kind === "visit" && visitConversionKey(paid.visit_conversion, paid.client),
    paid.receipt ? receiptKeys(paid, open) : later(),
  ];
}

/** The end of a sale taken without the server: its receipt is numbered when it is sent. */
function later() {
  return make(
    "div",
    { class: "ticket-receipt" },
    button(t("Next client"), nextClient, { kind: "primary", key: "Enter", name: "next" }),
    make("p", {
      class: "hint",
      text: t("Kept in this browser until the server is back. The receipt is numbered then; it is found under Sales."),
    }),
  );
}

/**
 * @param {Paid} paid
 * @param {{mail: (paid: Paid) => unknown}} open
 */
function receiptKeys(paid, open) {
  return make(
    "div",
    { class: "ticket-receipt" },
    printKey(t("Print"), { to: `/sales/${paid.sale_id}/print`, pdf: paid.pdf, key: "Ctrl P", name: "print" }),
    otherPaperLink(paid.pdf),
    button(t("Mail"), () => open.mail(paid), { iconName: "mail", name: "mail" }),
    paperLink(t("Show"), paid.html, "eye"),
    button(t("Next client"), nextClient, { kind: "primary", key: "Enter", name: "next" }),
    make("p", {
      class: "hint",
      text: t("Receipt {receipt}. Typing starts the next ticket.", { receipt: paid.receipt }),
    }),
  );
}

/**
 * Draw the end of a sale.
 * @param {HTMLElement} region
 * @param {Paid} paid
 * @param {{mail: (paid: Paid) => unknown}} open
 */
export function drawPaid(region, paid, open) {
  redraw(region, paid, () => build(paid, open));
  if (said === paid.sale_id) return;
  said = paid.sale_id;
  if (paid.receipt) printByItself(paid);
  document.getElementById("main")?.focus({ preventScroll: true });
  const facts = { paid: heading(paid), amount: amount(paid.change_minor) };
  announce(paid.change_minor > 0 ? t("{paid}. Change {amount}.", facts) : t("{paid}.", facts));
}
