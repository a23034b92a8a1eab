/** The foot of the ticket: pay keys, cash, split, or one sentence about what is happening and the way out. */

import { t, withNodes } from "../messages.js";
import { settled } from "./cart.js";
import {
  cardFirst,
  due,
  dueInCash,
  hindrance,
  isOwed,
  maySplit,
  takeCard,
  takeCash,
  takeCode,
  takePartByCard,
  takePartInCash,
} from "./checkout.js";
import { button, icon, make, redraw, sum } from "./dom.js";
import { amount, credits, fieldText, readAmount } from "./format.js";
import { backPanel, receivedRows } from "./parts.js";
import { drawPayment, says } from "./payment_status.js";
import { isPartly, set, state } from "./state.js";
import { hasReference, recordedKinds, recordForm } from "./tenders.js";
import { whosePanel } from "./therapists.js";

const toPick = () => set({ mode: "pick", typed: null });

/**
 * What the pay key offers: its content, and what it does unless it is off.
 * @param {State} now
 * @param {DeskActions} open
 * @returns {PayKey}
 */
export function primary(now, open) {
  const hasLines = now.draft.lines.length > 0;
  if (!now.shift)
    return { words: [t("Open the drawer")], run: open.drawer, off: !now.permissions.includes("run_drawer") };
  if (!hasLines) return { words: [t("Nothing to take yet")], off: true };
  if (now.ticket?.needs_client) return { words: [t("Choose the client")], run: open.search };
  const owed = due();
  const { ticket } = now;
  if (owed === null || !ticket?.totals) return { words: [t("Pricing the ticket")], off: true };
  if (owed === 0 && !isPartly(now)) {
    const { credits_used: used, stored_minor: stored } = ticket.totals;
    if (stored > 0) return { words: take(takeStored(ticket.stored ?? []), stored), run: () => takeCash(0) };
    const words = used ? t("Redeem {credits}", { credits: credits(used) }) : t("Complete without payment");
    return { words: [words], run: () => takeCash(0) };
  }
  if (cardFirst()) return { words: take(t("Take {amount} by card"), owed), run: () => takeCard() };
  return { words: take(t("Take {amount} in cash"), dueInCash() ?? owed), run: () => set({ mode: "cash" }) };
}

/**
 * @param {string} text
 * @param {number} minor
 */
const take = (text, minor) => withNodes(text, { amount: sum(amount(minor)) });

/** @param {StoredOnTicket[]} stored */
function takeStored(stored) {
  const kinds = new Set(stored.filter((one) => one.pays_minor > 0).map((one) => one.kind));
  if ([...kinds].some(hasReference)) return t("Complete: {amount} is paid");
  if (kinds.size > 1) return t("Take {amount} from card and account");
  return kinds.has("gift_card") ? t("Take {amount} from the gift card") : t("Take {amount} from the account");
}

/**
 * Do what the pay key offers, once everything on the screen is priced: a quick Enter is not lost and takes the new amount.
 * @param {DeskActions} open
 */
export async function takeDue(open) {
  await settled();
  const key = primary(state, open);
  if (!key.off) key.run?.();
}

/**
 * Why cards are not taken, where that is so.
 * @param {State} now
 */
function noCard({ card, local, shift, draft }) {
  if (card.reader || local || !shift || draft.lines.length === 0) return null;
  return card.on
    ? t("This desk has no card reader: take cash, or show a QR code to pay by.")
    : t("Card payments are off here, so this desk takes cash.");
}

/** @param {State["notice"]} notice */
function noticeBox(notice) {
  if (!notice) return null;
  return make(
    "div",
    { class: `notice ${notice.kind}`, role: notice.kind === "bad" ? "alert" : "status" },
    icon(notice.kind === "bad" ? "alert" : "warning"),
    make("div", { text: notice.words }),
  );
}

/** @param {number} count */
const parkedText = (count) => (count ? t("Parked, {count}", { count }) : t("Parked"));

/**
 * @param {{notice: State["notice"], closed: boolean, noCard: string | null, card: State["card"], local: boolean, parked: number, parts: PaidPart[] | null}} model
 * @param {State} now
 * @param {DeskActions} open
 */
function payKeys(model, now, open) {
  const main = primary(now, open);
  const words = main.words.map((part) => (typeof part === "string" ? part : part.cloneNode(true)));
  const hasLines = now.draft.lines.length > 0;
  const takesMoney = hasLines && now.shift && !now.ticket?.needs_client && isOwed();
  const hint = model.closed ? t("The drawer is closed. Count its float and open it to take money.") : model.noCard;
  const isRest = model.parts !== null;
  const others = hasLines
    ? [
        takesMoney &&
          cardFirst() &&
          button(t("Cash"), () => set({ mode: "cash" }), { iconName: "cash", key: "K", name: "cash" }),
        takesMoney &&
          maySplit() &&
          button(t("Split"), () => set({ mode: "split" }), { iconName: "split", key: "X", name: "split" }),
        takesMoney &&
          model.card.on &&
          !model.local &&
          button(t("QR code"), () => takeCode(), { iconName: "qr", key: "Q", name: "code" }),
        isRest && button(t("Gift card"), open.giftCode, { iconName: "gift", key: "G", name: "gift-part" }),
        isRest && button(t("Give it back"), () => set({ mode: "back" }), { iconName: "back", name: "give-back" }),
        ...(takesMoney && !model.local && !isRest ? recordedKinds() : []).map(([kind, { label }]) =>
          button(label, () => recordForm(kind), { name: kind }),
        ),
        !model.local && !isRest && button(t("Park"), open.park, { iconName: "park", key: "P", name: "park" }),
      ]
    : [
        button(t("Receipts"), open.sales, { iconName: "receipt", name: "receipts" }),
        button(parkedText(model.parked), open.parked, { iconName: "park", name: "parked" }),
        button(t("Drawer"), open.drawer, { iconName: "drawer", name: "drawer" }),
      ];
  return [
    model.parts && make("div", { class: "ticket-hint" }, receivedRows(model.parts)),
    (model.notice || hint) &&
      make("div", { class: "ticket-hint" }, noticeBox(model.notice), hint && make("p", { class: "hint", text: hint })),
    make(
      "div",
      { class: `ticket-pay of-${Math.min(others.filter(Boolean).length, 4)}` },
      button(words, () => takeDue(open), {
        kind: "primary",
        key: main.off ? null : "Enter",
        name: "pay",
        disabled: Boolean(main.off),
      }),
      others,
    ),
  ];
}

/**
 * A field for an amount and the key that takes it.
 * @param {string} label
 * @param {number | null} minor what the field begins with
 * @param {string} verb what the key says
 * @param {(minor: number | null) => string | Unlikely | null} run gives a refusal, or a question where an amount is unlikely
 * @param {{words: string, key: string, name: string, run: (minor: number | null) => string | null}[]} [others] other keys that take it
 */
function amountForm(label, minor, verb, run, others = []) {
  const error = make("p", { class: "field-error", id: "amount-error", hidden: true });
  const confirm = make("div", { class: "row", hidden: true });
  const input = make("input", {
    id: "amount-own",
    name: "amount",
    inputmode: "decimal",
    autocomplete: "off",
    value: minor === null ? null : fieldText(minor),
    "aria-describedby": "amount-error",
    "data-focus": "amount",
  });
  return make(
    "form",
    {
      class: "ticket-own",
      novalidate: true,
      onsubmit: (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        act(run);
      },
    },
    make("div", { class: "field amount" }, make("label", { for: "amount-own", text: label }), input, error),
    confirm,
    button(verb, () => {}, { kind: "primary", type: "submit", name: "amount-go" }),
    others.length > 0 &&
      make(
        "div",
        { class: "row amount-others" },
        others.map((one) => button(one.words, () => act(one.run), { key: one.key, name: one.name })),
      ),
  );
  /** @param {(minor: number | null) => string | Unlikely | null} taking */
  function act(taking) {
    const answer = taking(readAmount(input.value));
    const unlikely = typeof answer === "string" ? null : answer;
    const refusal = typeof answer === "string" ? answer : unlikely?.ask;
    confirm.replaceChildren(...(unlikely ? [button(unlikely.words, unlikely.yes, { name: "amount-right" })] : []));
    confirm.hidden = !unlikely;
    error.textContent = refusal ?? "";
    error.hidden = !refusal;
    input.setAttribute("aria-invalid", String(Boolean(refusal)));
    if (refusal) input.select();
  }
}

/**
 * @param {number} minor
 * @param {number} owed
 */
function noteText(minor, owed) {
  if (minor === owed) return t("Exactly {amount}", { amount: amount(minor) });
  return t("{amount}, give {change} change", { amount: amount(minor), change: amount(minor - owed) });
}

/** @param {AmountPanel} panel */
function cashPanel({ owed, suggested, notice, typed }) {
  return [
    make(
      "div",
      { class: "ticket-says ticket-cash", role: "group", "aria-label": t("Cash") },
      noticeBox(notice),
      make(
        "div",
        { class: "row spread" },
        make("p", { text: t("How much did you get?") }),
        button(t("Back"), toPick, { kind: "quiet", iconName: "back", key: "Esc", name: "back" }),
      ),
      make(
        "div",
        { class: "notes-paid" },
        suggested.map((minor) =>
          button([sum(amount(minor))], () => takeCash(minor), {
            name: `note-${minor}`,
            "aria-label": noteText(minor, owed),
          }),
        ),
      ),
      amountForm(t("Another amount"), typed, t("Take cash"), (minor) => {
        if (minor === null || minor < 0) return t("Write the amount you got, such as 50.00.");
        if (minor < owed)
          return t("That is {amount} too little. Split takes the rest by card.", { amount: amount(owed - minor) });
        if (minor > owed + state.place.cash_over_minor) {
          return {
            ask: t("That is {amount} more than is due. Is it right?", { amount: amount(minor - owed) }),
            words: t("I got {amount}", { amount: amount(minor) }),
            yes: () => takeCash(minor, minor),
          };
        }
        takeCash(minor);
        return null;
      }),
    ),
  ];
}

/**
 * A part of what is due, by card or in cash; the rest follows by any means.
 * @param {AmountPanel} panel
 */
function splitPanel({ owed, notice, typed, card, parts }) {
  /** @param {number | null} minor */
  const noPart = (minor) => {
    if (minor === null || minor <= 0) return t("Write a part of {amount}, such as 20.00.", { amount: amount(owed) });
    if (minor > owed) return t("That is more than the {amount} that is due.", { amount: amount(owed) });
    return null;
  };
  /** @param {number | null} minor */
  const noCash = (minor) => {
    if (minor === owed) return t("The cash covers all of {amount}; no card is needed.", { amount: amount(owed) });
    return noPart(minor);
  };
  /**
   * @param {(minor: number | null) => string | null} refuse
   * @param {(minor: number) => unknown} run
   * @returns {(minor: number | null) => string | null}
   */
  const taking = (refuse, run) => (minor) => {
    const refusal = refuse(minor);
    if (refusal === null && minor !== null) run(minor);
    return refusal;
  };
  const others = [
    { words: t("This part by card"), key: "B", name: "part-card", run: taking(noPart, takePartByCard) },
    { words: t("This part in cash"), key: "K", name: "part-cash", run: taking(noCash, takePartInCash) },
  ];
  return [
    make(
      "div",
      { class: "ticket-says ticket-cash", role: "group", "aria-label": t("A part of it, then the rest") },
      parts.length > 0 && receivedRows(parts),
      noticeBox(notice),
      make(
        "div",
        { class: "row spread" },
        make("p", { text: t("A part of it, then the rest.") }),
        button(t("Back"), toPick, { kind: "quiet", iconName: "back", key: "Esc", name: "back" }),
      ),
      amountForm(
        t("Part"),
        typed,
        card ? t("In cash, the rest by card") : t("This part in cash"),
        taking(noCash, card ? takeCard : takePartInCash),
        card ? others : others.slice(0, 1),
      ),
    ),
  ];
}

/**
 * Draw the foot for what the desk is doing now.
 * @param {HTMLElement} region
 * @param {State} now
 * @param {DeskActions} open
 */
export function drawFoot(region, now, open) {
  if (now.payment && !isPartly(now) && !now.ringing) {
    drawPayment(region, now);
    return;
  }
  if (now.ringing) {
    redraw(region, { ringing: true }, () => says({ words: t("Completing the sale."), busy: true }));
    return;
  }
  const owed = due();
  const { notice } = now;
  const parts = isPartly(now) ? (now.payment?.parts ?? []) : null;
  if (now.mode === "back" && parts) {
    redraw(region, { back: true, parts, busy: Boolean(now.payment?.busy) }, backPanel);
    return;
  }
  if (now.mode === "whose") {
    redraw(region, { whose: now.therapists, tip: now.ticket?.totals?.tip_minor }, whosePanel);
    return;
  }
  if ((now.mode === "cash" || now.mode === "split") && owed !== null && owed > 0 && now.shift) {
    const inCash = now.mode === "cash" ? (dueInCash() ?? owed) : owed;
    const model = {
      mode: now.mode,
      owed: inCash,
      suggested: (parts ? now.payment?.cash_suggestions : now.ticket?.cash_suggestions) ?? [],
      notice,
      typed: now.typed,
      parts: parts ?? [],
      card: cardFirst(),
    };
    if (
      redraw(region, model, now.mode === "cash" ? cashPanel : splitPanel) &&
      !region.contains(document.activeElement)
    ) {
      region.querySelector("input")?.focus({ preventScroll: true });
    }
    return;
  }
  const model = {
    notice,
    owed,
    stored: now.ticket?.totals?.stored_minor,
    used: now.ticket?.totals?.credits_used,
    lines: now.draft.lines.length > 0,
    needs: now.ticket?.needs_client,
    card: now.card,
    local: now.local,
    closed: !now.shift,
    noCard: (parts && now.offline ? hindrance() : null) ?? noCard(now),
    parts,
    parked: now.parked.length,
    mayOpen: now.permissions,
  };
  redraw(region, model, () => payKeys(model, now, open));
}
