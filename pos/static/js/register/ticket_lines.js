/** The lines of the ticket as rows: their facts, their amounts, and the keys under them. */
import { change } from "./cart.js";
import { toggleDay } from "./cart_draft.js";
import { art, button, icon, make, sum } from "./dom.js";
import { amount, credits, day, percent, therapistName } from "./format.js";
import { toggleAccount } from "./gift_cards.js";
import { coveredLines, leftAfter, waitsFor } from "./lines.js";
import { state } from "./state.js";

/** A discount as an amount taken off, with its reason: "−$5.00, late". */
export function discountWords(discount) {
  const cut = discount.percent ? percent(discount.percent) : amount(discount.amount_minor);
  return `−${cut}${discount.reason ? `, ${discount.reason}` : ""}`;
}

/** Of a package paid in parts: what this line is of, and what stays to be paid. */
function partWords(line) {
  if (!line.part) return null;
  if (line.part.lot_id) return "a part of its price";
  const price = line.priced?.price_minor ?? line.item?.price_minor;
  return `of ${amount(price)}, ${amount(price - line.part.amount_minor)} later`;
}

/** What is to be known of a line besides its name: therapist, credit, discount. */
export function lineFacts(line) {
  const due =
    line.item?.kind === "variant" && line.priced && !line.priced.cover && line.credit === "auto"
      ? waitsFor(state, line.item_id)
      : null;
  const therapist = therapistName(state.therapists.find((one) => one.staff_id === line.therapist_id));
  const cover = line.priced?.cover;
  const left = cover?.kind === "credit" ? leftAfter(state, cover.lot_id) : null;
  const facts = [
    line.gift?.to_name && `for ${line.gift.to_name}`,
    line.gift?.to_email && `by mail${line.gift.send_on ? ` on ${day(line.gift.send_on)}` : ""}`,
    therapist,
    line.quantity > 1 && line.item && `${line.quantity} × ${amount(line.item.price_minor)}`,
    cover?.kind === "credit" && `${cover.package}${left === null ? "" : `, ${left} left after this`}`,
    cover?.upgrade_minor > 0 && `${cover.surcharge ? "surcharge" : "upgrade"} ${amount(cover.upgrade_minor)}`,
    cover?.kind === "included" && `comes with ${cover.package}`,
    partWords(line),
    due !== null && `${amount(due)} to pay before the next credit can be used`,
    line.visit_conversion && "what was paid before counts towards it",
    line.credit === "none" && "no credit used",
    line.exemption &&
      `${line.priced && line.priced.exempt_units < line.priced.units ? `${line.priced.exempt_units} of ${line.priced.units} ` : ""}free of tax, ${line.exemption.reference}`,
    line.discount && discountWords(line.discount),
  ];
  return facts.filter(Boolean).join(" · ");
}

/** What a line costs: an amount, or the credits that pay it. */
export function lineAmount(line) {
  if (!line.priced && line.gift) return amount(line.gift.amount_minor);
  if (!line.priced && line.part) return amount(line.part.amount_minor);
  if (!line.priced) return line.item ? amount(line.item.price_minor * line.quantity) : "";
  const { cover, amount_minor: minor } = line.priced;
  if (cover?.kind === "credit" && minor === 0) return credits(cover.uses);
  if (cover?.kind === "included" && minor === 0) return "included";
  return cover?.kind === "credit"
    ? `${credits(cover.uses)} + ${cover.upgrade_minor === minor ? (cover.surcharge ? "surcharge " : "upgrade ") : ""}${amount(minor)}`
    : amount(minor);
}

function lineRow({ line_id: id, name, facts, figure, fresh }, still, open) {
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
  return make("li", { class: fresh ? "ticket-line fresh" : "ticket-line" }, row);
}

/** The list of lines, or what to do where there is none. */
export function lineList({ lines, still, mayDiscount, creditWords, accountWords, lateOn, wasLate }, open) {
  if (lines.length === 0) {
    return [
      make(
        "div",
        { class: "ticket-empty" },
        art("point"),
        make("h3", { text: "An empty ticket" }),
        make("p", { text: "Type a name, press a price, or scan a code." }),
      ),
    ];
  }
  const tools =
    !still &&
    make(
      "li",
      { class: "ticket-notes row" },
      creditWords &&
        button(creditWords, open.credits, { kind: "quiet", iconName: "credit", key: "U", name: "credits" }),
      lateOn &&
        button(wasLate ? "Visit was today" : "Visit was yesterday", () => change((draft) => toggleDay(draft, lateOn)), {
          kind: "quiet",
          iconName: "calendar",
          name: "visit-day",
        }),
      button("Code", open.giftCode, {
        kind: "quiet",
        iconName: "gift",
        key: "G",
        name: "gift-card",
        "aria-label": "Gift card or promo code",
      }),
      accountWords &&
        button(accountWords, toggleAccount, { kind: "quiet", iconName: "wallet", key: "W", name: "account" }),
      mayDiscount &&
        button("Discount", open.discount, { kind: "quiet", iconName: "percent", key: "D", name: "discount" }),
      button("Clear", open.clear, { kind: "quiet", iconName: "delete", name: "clear" }),
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

/** What the key that undoes credits says, or null where there is nothing to undo. */
export function creditWords(now) {
  if (now.draft.lines.some((line) => line.credit === "none") && now.client?.credits_left) return "Use the credit";
  return coveredLines(now).size > 0 ? "Use no credit" : null;
}

/** What the key that uses account credit says, or null where there is none. */
export function accountWords(now) {
  if (now.draft.stored.some((one) => one.kind === "account_credit")) return "Use no account credit";
  return now.client?.account_credit_minor > 0 ? `Use ${amount(now.client.account_credit_minor)} credit` : null;
}
