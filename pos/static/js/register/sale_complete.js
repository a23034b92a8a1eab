/**
 * The end of a sale: paid, change, what the client has left, and the ways to the receipt.
 * `own` is what the means in the heading paid by itself, this card or this cash, where other means paid the rest.
 */
import { announce } from "../announce.js";
import { nextClient } from "./checkout.js";
import { button, icon, kbd, make, redraw } from "./dom.js";
import { amount, credits, day, firstName } from "./format.js";
import { visitConversionKey } from "./visit_conversion.js";

let said = null;

function heading({ how, card, by_code: byCode }) {
  if (how === "credit") return "Visit redeemed";
  if (how === "cash") return "Paid in cash";
  if (how === "stored") return "Paid";
  if (byCode) return "Paid by QR code";
  return card ? `Paid by card · ${card.charAt(0).toUpperCase()}${card.slice(1)}` : "Paid by card";
}

function remainder({ client, left }) {
  if (!client || !left) return null;
  const name = firstName(client.name);
  if (!left.credits_left) return null;
  const some = left.next_left < left.credits_left ? `${left.next_left} of them valid` : "valid";
  const until = left.next_expiry ? `, ${some} to ${day(left.next_expiry)}` : "";
  return `${name} has ${credits(left.credits_left)} left${until}.`;
}

function spentWords(one) {
  if (one.is_visit) return `${amount(one.pays_minor)} was paid before.`;
  return `${amount(one.pays_minor)} from ${one.kind === "gift_card" ? `the gift card •••• ${one.last4}` : "the account credit"}, ${amount(one.balance_minor - one.pays_minor)} left on it.`;
}

/** A card just sold: its code, which is shown here and on the certificate only. */
function soldCard(card) {
  return make(
    "div",
    { class: "sold-card" },
    make("p", {}, `Gift card ${amount(card.face_minor)}`),
    card.code && make("p", { class: "money", "data-code": card.code, text: card.code }),
    make("p", { class: "row" }, paperLink("Certificate", card.pdf, "print")),
  );
}

/** A link to a paper of the sale, in a tab of its own. */
export function paperLink(words, href, iconName, key = null) {
  return make(
    "a",
    { class: "button", href, target: "_blank", rel: "noopener", "data-focus": words, "data-paper": words },
    icon(iconName),
    make("span", { text: words }),
    key && kbd(key),
  );
}

function build(paid, open) {
  const hasChange = paid.change_minor > 0;
  const total = paid.total_minor + paid.tip_minor;
  const left = remainder(paid);
  const ownPart = paid.own > 0 && paid.own < total;
  return [
    make(
      "div",
      { class: "paid", role: "status" },
      icon("done"),
      make("h2", { text: heading(paid) }),
      hasChange &&
        make("span", { class: "soft" }, "Change from ", make("span", { class: "money", text: amount(paid.tendered) })),
      paid.how !== "credit" &&
        make("span", { class: "paid-change money", text: amount(hasChange ? paid.change_minor : total) }),
      paid.reader_tip > 0 && make("p", { text: `${amount(paid.reader_tip)} of it is a tip chosen on the reader.` }),
      ownPart && make("p", { text: `${amount(paid.own)} of it ${paid.how === "card" ? "by this card" : "in cash"}.` }),
      paid.how === "card" && paid.tendered > 0 && make("p", { text: `${amount(paid.tendered)} of it in cash.` }),
      (paid.spent ?? []).map((one) => make("p", { text: spentWords(one) })),
      left && make("p", { text: left }),
    ),
    (paid.cards ?? []).map(soldCard),
    paid.visit_conversion?.kind === "visit" && visitConversionKey(paid.visit_conversion, paid.client),
    make(
      "div",
      { class: "ticket-receipt" },
      paperLink("Print", paid.pdf_80mm, "print", "Ctrl P"),
      paperLink("Print A4", paid.pdf_a4, "file"),
      button("Mail", () => open.mail(paid), { iconName: "mail", name: "mail" }),
      paperLink("Show", paid.html, "eye"),
      button("Next client", nextClient, { kind: "primary", key: "Enter", name: "next" }),
      make("p", { class: "hint", text: `Receipt ${paid.receipt}. Typing starts the next ticket.` }),
    ),
  ];
}

/** Draw the end of a sale. */
export function drawPaid(region, paid, open) {
  redraw(region, paid, () => build(paid, open));
  if (said === paid.sale_id) return;
  said = paid.sale_id;
  document.getElementById("main").focus({ preventScroll: true });
  announce(`${heading(paid)}.${paid.change_minor > 0 ? ` Change ${amount(paid.change_minor)}.` : ""}`);
}
