/** The ticket pane: client, lines, sums and due. Its foot is in foot.js, its end in paid.js. */
import { announce } from "../announce.js";
import { art, button, icon, make, redraw, sum } from "./dom.js";
import { change } from "./cart.js";
import { namesTherapist, setClient, setTip, toggleDay, toggleStored, toggleTip } from "./cart_draft.js";
import { drawFoot } from "./ticket_footer.js";
import { storedName, toggleAccount } from "./gift_cards.js";
import { coveredLines, leftAfter, shownLines, waitsFor } from "./lines.js";
import { drawPaid } from "./sale_complete.js";
import { tipOnReader } from "./checkout.js";
import { may, set, state, watch } from "./state.js";
import { amount, creditsChip, credits, day, percent, therapistName } from "./format.js";

const isStill = (now) => Boolean(now.payment || now.ringing);

function clientHead({ client, still, editing }, open) {
  if (!client) {
    return [make("h2", { text: "Walk-in" }), !still && button("New client", open.newClient, { kind: "quiet push", iconName: "person-add", name: "new-client" })];
  }
  const left = creditsChip(client);
  const unpaid = (client.lots ?? []).reduce((total, lot) => total + lot.unpaid_minor, 0);
  return [
    make("div", { class: "ticket-who" },
      make("h2", { text: client.name }),
      left && make("span", { class: "chip accent" }, icon("credit"), left),
      client.account_credit_minor > 0 && make("span", { class: "chip" }, icon("wallet"), `${amount(client.account_credit_minor)} credit`),
      unpaid > 0 && make("span", { class: "chip warn" }, icon("clock"), `${amount(unpaid)} to pay`)),
    editing && make("button", {
      type: "button", class: "ticket-tool push", "aria-label": `What ${client.name} has`, "aria-haspopup": "dialog", "aria-keyshortcuts": "I", title: "What they have (I)", "data-focus": "client-sheet", onclick: open.client,
    }, icon("credit")),
    editing && make("button", {
      type: "button", class: "ticket-tool", "aria-label": `Take ${client.name} off the ticket`,
      onclick: () => change((draft) => setClient(draft, null), { client: null }),
    }, icon("close")),
  ];
}

function discountWords(discount) {
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

function lineFacts(line) {
  const due = line.item?.kind === "variant" && line.priced && !line.priced.cover && line.credit === "auto" ? waitsFor(state, line.item_id) : null;
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
    line.exemption && `${line.priced && line.priced.exempt_units < line.priced.units ? `${line.priced.exempt_units} of ${line.priced.units} ` : ""}free of tax, ${line.exemption.reference}`,
    line.discount && discountWords(line.discount),
  ];
  return facts.filter(Boolean).join(" · ");
}

function lineAmount(line) {
  if (!line.priced && line.gift) return amount(line.gift.amount_minor);
  if (!line.priced && line.part) return amount(line.part.amount_minor);
  if (!line.priced) return line.item ? amount(line.item.price_minor * line.quantity) : "";
  const { cover, amount_minor: minor } = line.priced;
  if (cover?.kind === "credit" && minor === 0) return credits(cover.uses);
  if (cover?.kind === "included" && minor === 0) return "included";
  return cover?.kind === "credit" ? `${credits(cover.uses)} + ${cover.upgrade_minor === minor ? (cover.surcharge ? "surcharge " : "upgrade ") : ""}${amount(minor)}` : amount(minor);
}

function lineRow({ line_id: id, name, facts, figure, fresh }, still, open) {
  const words = make("span", {}, make("strong", {}, name, !still && icon("down")), facts && make("small", { text: facts }));
  const row = still
    ? make("div", { class: "line-still" }, words, sum(figure))
    : make("button", { type: "button", class: "line-open", "aria-haspopup": "dialog", "data-focus": id, onclick: () => open.line(id) }, words, sum(figure));
  return make("li", { class: fresh ? "ticket-line fresh" : "ticket-line" }, row);
}

function lineList({ lines, still, mayDiscount, creditWords, accountWords, lateOn, wasLate }, open) {
  if (lines.length === 0) {
    return [make("div", { class: "ticket-empty" }, art("point"), make("h3", { text: "An empty ticket" }), make("p", { text: "Type a name, press a price, or scan a code." }))];
  }
  const tools = !still && make("li", { class: "ticket-notes row" },
    creditWords && button(creditWords, open.credits, { kind: "quiet", iconName: "credit", key: "U", name: "credits" }),
    lateOn && button(wasLate ? "Visit was today" : "Visit was yesterday", () => change((draft) => toggleDay(draft, lateOn)), { kind: "quiet", iconName: "calendar", name: "visit-day" }),
    button("Code", open.giftCode, { kind: "quiet", iconName: "gift", key: "G", name: "gift-card", "aria-label": "Gift card or promo code" }),
    accountWords && button(accountWords, toggleAccount, { kind: "quiet", iconName: "wallet", key: "W", name: "account" }),
    mayDiscount && button("Discount", open.discount, { kind: "quiet", iconName: "percent", key: "D", name: "discount" }),
    button("Clear", open.clear, { kind: "quiet", iconName: "delete", name: "clear" }));
  return [make("ol", { class: "lines" }, lines.map((line) => lineRow(line, still, open)), tools)];
}

function tipRow({ tip, choices, currency, reader }, open) {
  const keys = choices.map((choice) => make("button", {
    type: "button", class: "tip-key", "aria-pressed": String(Number(tip?.percent) === Number(choice.percent) && tip?.percent != null), "data-focus": `tip-${choice.percent}`,
    "aria-label": `Tip ${percent(choice.percent)}, ${amount(choice.amount_minor)}`, title: amount(choice.amount_minor),
    onclick: () => change((draft) => toggleTip(draft, choice.percent)), text: percent(choice.percent),
  }));
  const own = tip?.amount_minor ?? null;
  const other = make("button", {
    type: "button", class: "tip-key", "aria-label": own === null ? "Another tip" : `Tip ${amount(own)}, change it`, "aria-pressed": String(own !== null), "data-focus": "tip-own",
    "aria-haspopup": "dialog", onclick: open.tip,
  }, own === null ? icon("edit") : amount(own));
  const onReader = reader !== null && make("button", {
    type: "button", class: "tip-key", "aria-label": "Ask for a tip on the reader", title: "Ask on the reader", "aria-pressed": String(reader), "data-focus": "tip-reader", onclick: toggleReaderTip,
  }, icon("reader"));
  return make("div", { class: "tips", role: "group", "aria-label": `Tip in ${currency}` }, make("span", { text: "Tip" }), keys, other, onReader);
}

/** Whose the tip is: keys where no line says it, words where lines do. holders: [{staff_id, name}], the pool first. */
function tipFor({ holders, shares, chosen }) {
  if (holders.length === 0) {
    const words = shares.map((one) => (shares.length > 1 ? `${one.name} ${amount(one.amount_minor)}` : one.name)).join(", ");
    return make("p", { class: "tips tip-for", text: `The tip is for ${words}` });
  }
  const keys = holders.map((one) => make("button", {
    type: "button", class: "tip-key", "aria-pressed": String(one.staff_id === chosen), "data-focus": `tip-for-${one.staff_id ?? "pool"}`,
    "aria-label": one.staff_id ? `The tip is for ${one.name}` : "The tip goes to the pool", onclick: () => change((draft) => setTip(draft, { ...draft.tip, staff_id: one.staff_id })), text: one.name,
  }));
  return make("div", { class: "tips tip-for", role: "group", "aria-label": "Whose the tip is" }, make("span", { text: "For" }), make("div", { class: "tip-keys" }, keys));
}

/** What tipFor shows, or null without a tip. */
function tipHolders(now) {
  const shares = now.ticket?.tip_shares ?? [];
  if (!now.draft.tip || shares.length === 0) return null;
  const nameOf = (id) => (id ? therapistName(now.therapists.find((one) => one.staff_id === id)) ?? "somebody else" : "the pool");
  const asked = !namesTherapist(now.draft);
  return {
    holders: asked ? [{ staff_id: null, name: "Pool" }, ...now.therapists.map((one) => ({ staff_id: one.staff_id, name: one.name }))] : [],
    shares: shares.map((one) => ({ ...one, name: nameOf(one.staff_id) })),
    chosen: now.draft.tip.staff_id ?? null,
  };
}

/** Let the reader ask for a tip, or no longer; a tip on the ticket goes, for nobody is asked twice. */
function toggleReaderTip() {
  const asks = tipOnReader();
  set({ noReaderTip: asks });
  if (!asks && state.draft.tip) change((draft) => ({ ...draft, tip: null }));
}

/** A promo code on the ticket: what it takes off, or why nothing, and the way off. */
function promoRow(promo, still) {
  const off = () => change((draft) => ({ ...draft, promo: null }));
  const words = make("dt", { class: "stored-name" }, make("span", { text: promo.label || promo.code }), promo.trouble && make("small", { class: "soft", text: ` ${promo.trouble}` }),
    !still && make("button", { type: "button", class: "ticket-tool stored-off", "aria-label": `Take the code ${promo.code} off the ticket`, "data-focus": "off-promo", onclick: off }, icon("close")));
  return make("div", {}, words, make("dd", { class: "money", text: amount(-promo.amount_minor) }));
}

function pair(words, figure) {
  return make("div", {}, make("dt", { text: words }), make("dd", { class: "money", text: figure }));
}

/** A gift card or account credit that pays: what it takes, why it takes nothing, and the way off the ticket. */
function storedRow(one, still) {
  const off = () => change((draft) => toggleStored(draft, one));
  const words = make("dt", { class: "stored-name" }, make("span", { text: storedName(one) }), one.trouble && make("small", { class: "soft", text: ` ${one.trouble}` }),
    !still && !one.is_visit && make("button", { type: "button", class: "ticket-tool stored-off", "aria-label": `Take ${storedName(one)} off the ticket`, "data-focus": `off-${one.card_id ?? "account"}`, onclick: off }, icon("close")));
  return make("div", {}, words, make("dd", { class: "money", text: amount(-one.pays_minor) }));
}

function sums({ totals, tip, choices, discount, place, still, stored, readerTip, promo, tipTo }, open) {
  if (!totals) return [];
  const rows = [
    promo && promoRow(promo, still),
    totals.discount_minor > (promo?.amount_minor ?? 0) && pair(discount ? `Discount ${discountWords(discount).slice(1)}` : "Discounts", amount((promo?.amount_minor ?? 0) - totals.discount_minor)),
    totals.tip_minor > 0 && pair(tip?.percent ? `Tip, ${percent(tip.percent)} of ${amount(totals.tip_base_minor)}` : "Tip", amount(totals.tip_minor)),
    ...totals.taxes.filter((tax) => tax.tax_minor > 0).map((tax) => pair(
      place.tax_inclusive ? `Includes ${place.tax_label} ${percent(tax.percent)}` : `${place.tax_label} ${percent(tax.percent)} on ${amount(tax.net_minor)}`,
      amount(tax.tax_minor),
    )),
    stored.length > 0 && pair("Total", amount(totals.due_minor)),
    ...stored.map((one) => storedRow(one, still)),
  ];
  return [!still && totals.tip_base_minor > 0 && tipRow({ tip, choices, currency: place.currency, reader: readerTip }, open), !still && tipTo && tipFor(tipTo), make("dl", { class: "sums" }, rows)];
}

/** What the key that undoes credits says, or null where there is nothing to undo. */
function creditWords(now) {
  if (now.draft.lines.some((line) => line.credit === "none") && now.client?.credits_left) return "Use the credit";
  return coveredLines(now).size > 0 ? "Use no credit" : null;
}

/** What the key that uses account credit says, or null where there is none. */
function accountWords(now) {
  if (now.draft.stored.some((one) => one.kind === "account_credit")) return "Use no account credit";
  return now.client?.account_credit_minor > 0 ? `Use ${amount(now.client.account_credit_minor)} credit` : null;
}

/** data-state of the pane. */
function standing({ payment, paid, ringing }) {
  if (paid) return "paid";
  if (ringing) return "waiting";
  if (!payment) return "open";
  return { unknown: "checking", declined: "declined" }[payment.state] ?? "waiting";
}

let drawnBefore = new Set();

class Ticket extends HTMLElement {
  /** open: what the pane's buttons open, given by desk.js. */
  connectTo(open) {
    const part = (name) => this.querySelector(`[data-part="${name}"]`);
    const [head, list, foot, total, figure, footRow, end] = ["client", "lines", "sums", "due", "figure", "foot", "paid"].map(part);
    let said = null;
    watch((now) => {
      const shows = standing(now);
      this.dataset.state = shows;
      for (const row of [head, list, foot, total, footRow]) row.hidden = shows === "paid";
      // In doubt there is one thing to read; beside the code only what is due.
      const showsCode = shows === "waiting" && Boolean(now.payment?.code) && !now.payment.ways;
      this.toggleAttribute("data-code", showsCode);
      for (const row of [list, foot]) row.hidden ||= shows === "checking" || showsCode;
      total.hidden ||= shows === "checking";
      end.hidden = shows !== "paid";
      if (now.phase !== "ready") return;
      if (shows === "paid") {
        drawPaid(end, now.paid, open);
        return;
      }
      const still = isStill(now);
      redraw(head, { client: now.client, still, editing: !still }, (model) => clientHead(model, open));
      const lines = shownLines(now).map((line) => ({
        line_id: line.line_id, name: line.priced?.name ?? line.item?.name ?? (line.gift ? "Gift card" : ""), facts: lineFacts(line), figure: lineAmount(line), fresh: !drawnBefore.has(line.line_id),
      }));
      if (redraw(list, { lines, still, mayDiscount: may("discount"), creditWords: creditWords(now), accountWords: accountWords(now), lateOn: now.ticket?.late_on ?? null, wasLate: Boolean(now.draft.service_on) }, (model) => lineList(model, open)) && lines.some((line) => line.fresh)) {
        list.scrollTop = list.scrollHeight;
      }
      drawnBefore = new Set(now.draft.lines.map((line) => line.line_id));
      const hasLines = lines.length > 0;
      redraw(foot, hasLines && now.ticket?.totals
        ? { totals: now.ticket.totals, tip: now.draft.tip, discount: now.draft.discount, choices: now.ticket.tip_choices, place: now.place, still, stored: now.ticket.stored ?? [], promo: now.ticket.promo ?? null, tipTo: tipHolders(now), readerTip: now.card.reader && now.card.tips ? tipOnReader() : null }
        : {}, (model) => sums(model, open));
      const owed = hasLines ? now.ticket?.totals?.rest_minor ?? null : 0;
      if (owed !== null || now.offline) figure.textContent = owed === null ? "…" : amount(owed);
      figure.classList.toggle("old", now.saving);
      if (!now.saving && hasLines && owed !== null && owed !== said) announce(`Due ${amount(owed)}`);
      if (!now.saving && owed !== null) said = owed;
      drawFoot(footRow, now, open);
    });
  }
}
customElements.define("register-ticket", Ticket);
