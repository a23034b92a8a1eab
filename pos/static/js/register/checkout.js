/** Taking money. The key of a sale is minted when the person decides and kept until its outcome is known. */

import { newKey, Problem } from "../http.js";
import { t } from "../messages.js";
import { call, insist } from "./api_client.js";
import { withApproval } from "./approval.js";
import { follow, land, update, whenPaid } from "./card_payment.js";
import { reread, sentence, settled, startNew } from "./cart.js";
import { isEmpty } from "./cart_draft.js";
import { discountsAsked } from "./format.js";
import { nextPart } from "./parts.js";
import { recall, remember } from "./pending_sale.js";
import { isPartly, itemOf, set, state } from "./state.js";
import { askWhose, isTipNobodys } from "./therapists.js";

/** What is left of the ticket for cash and card, or null while it is not priced. */
export const due = () => (isPartly() ? state.payment?.rest_minor : state.ticket?.totals?.rest_minor) ?? null;

/** What is left where all of it is paid in cash, which may be rounded, or null while it is not priced. */
export const dueInCash = () => (isPartly() ? state.payment?.rest_cash_minor : state.ticket?.totals?.cash_minor) ?? null;

/** Why money cannot be taken now, as a sentence; null when it can. */
export function hindrance() {
  if (state.phase !== "ready" || !state.ticket || state.draft.lines.length === 0)
    return t("There is nothing on the ticket yet.");
  if (!state.shift) return t("The drawer is closed.");
  if (state.ticket.needs_client) return clientNeeded(state.ticket);
  if (isPartly() && state.offline)
    return t("This ticket is paid in part. Its rest is not taken without the server: wait until it answers.");
  return null;
}

/**
 * What a ticket needs its client for.
 * @param {Ticket} ticket
 */
function clientNeeded({ lines, stored }) {
  if (lines.some((line) => itemOf(line.item_id)?.kind === "package"))
    return t("Choose the client who gets the package.");
  if (stored?.some((one) => one.kind === "account_credit")) return t("Choose the client whose account credit is used.");
  return t("Choose the client whose ticket this is: it has lines for other persons.");
}

/** Whether something is left to be paid by cash or card. */
export const isOwed = () => (due() ?? 0) > 0;

/** Whether a card is what the desk asks for first. */
export const cardFirst = () => state.card.reader && !state.local && isOwed();

/** Whether a ticket may be paid in parts: cards are taken here. */
export const maySplit = () => state.card.on && !state.local && isOwed();

let isTaking = false;

// Two quick presses are one: the second finds the first at work, whatever either is waiting for.
/** @param {() => unknown} take */
async function once(take) {
  if (isTaking || (state.payment && !isPartly()) || state.ringing || state.paid) return;
  isTaking = true;
  try {
    await settled();
    if (hindrance()) return;
    if (isTipNobodys() && !isPartly()) askWhose(() => once(take));
    else await take();
  } finally {
    isTaking = false;
  }
}

/** The ticket as it is priced on the screen. Throws Error where it is not. */
function priced() {
  const { ticket } = state;
  if (!ticket?.totals) throw new Error("the ticket is not priced");
  return { ticket, totals: ticket.totals };
}

/** What the person saw: the server refuses to charge anything else. */
function shown() {
  const { ticket, totals } = priced();
  return {
    ticket_id: ticket.ticket_id,
    ticket_version: ticket.version,
    expected_due_minor: totals.due_minor,
    expected_stored_minor: totals.stored_minor,
    expected_credits: totals.credits_used,
  };
}

/** Whether the reader will ask for a tip: the clinic lets it, nobody said no, and none is on the ticket already. */
export const tipOnReader = () =>
  state.card.reader &&
  state.card.tips &&
  !state.noReaderTip &&
  !state.draft.tip &&
  (state.ticket?.totals?.tip_base_minor ?? 0) > 0 &&
  (state.payment?.may_tip_on_reader ?? true);

/** Let the desk's reader ask for the card, after a first part in cash. */
export const takeCard = (cashFirst = 0) =>
  once(async () => {
    if (!cardFirst()) return;
    const tip = tipOnReader() ? { tip_on_reader: true } : {};
    if (!isPartly()) return charge(cashFirst, tip);
    if (cashFirst) await nextPart({ kind: "cash", amount_minor: cashFirst, is_part: true });
    if (isPartly() && !state.notice) await nextPart({ kind: "card", ...tip });
  });

/** Show a QR code to pay by. */
export const takeCode = () =>
  once(() => {
    if (!state.card.on || !isOwed()) return;
    return isPartly() ? nextPart({ kind: "card", by_code: true }) : charge(0, { by_code: true });
  });

/**
 * Take a part by card: at the reader, or by QR code where the desk has none. What is left is paid after it.
 * @param {number} minor
 */
export const takePartByCard = (minor) =>
  once(() => {
    const way = state.card.reader ? {} : { by_code: true };
    return isPartly()
      ? nextPart({ kind: "card", amount_minor: minor, ...way })
      : charge(0, { card_minor: minor, ...way });
  });

/**
 * Take a part in cash; what is left is paid after it.
 * @param {number} minor
 */
export const takePartInCash = (minor) =>
  once(() =>
    isPartly() ? nextPart({ kind: "cash", amount_minor: minor, is_part: true }) : charge(minor, { card_minor: 0 }),
  );

/**
 * @param {number} cashFirst minor units that are paid in cash before
 * @param {{by_code?: boolean, tip_on_reader?: boolean, card_minor?: number}} way `card_minor`: a part by card, 0 for none
 */
async function charge(cashFirst, way) {
  const saleId = newKey();
  remember({ sale_id: saleId, how: "card" });
  set({
    payment: {
      order_id: saleId,
      state: "starting",
      kind: way.by_code ? "checkout" : "reader",
      amount_minor: way.card_minor ?? priced().totals.rest_minor - cashFirst,
      cash_minor: cashFirst,
      stored_minor: 0,
      tip_minor: 0,
      sentence: null,
    },
    notice: null,
    mode: "pick",
    typed: null,
  });
  const onDoubt = () => update({ state: "unknown" });
  try {
    const body = { sale_id: saleId, cash_tendered_minor: cashFirst, ...way, ...shown() };
    const made = await withApproval(
      (approvalId) => insist("POST", "/payments", { ...body, approval_id: approvalId }, { onDoubt }),
      discountsAsked,
    );
    if (made) land(made);
    else notApproved(cashFirst > 0 ? { mode: "split", typed: cashFirst } : {});
  } catch (error) {
    await refused(error);
  }
}

/**
 * Ring up what is paid by cash, or by credits alone (0). tendered: minor units laid on the counter; confirmed: the same where
 * the person said that so much is right.
 * @param {number} tendered
 * @param {number | null} [confirmed]
 */
export const takeCash = (tendered, confirmed = null) =>
  once(() =>
    isPartly()
      ? nextPart({ kind: "cash", amount_minor: tendered, confirmed_minor: confirmed })
      : ringUp(tendered, confirmed),
  );

/**
 * @param {number} tendered
 * @param {number | null} confirmed
 */
async function ringUp(tendered, confirmed) {
  const saleId = newKey();
  const { client } = state;
  const { ticket, totals } = priced();
  remember({ sale_id: saleId, how: "cash" });
  try {
    const body = { sale_id: saleId, cash_tendered_minor: tendered, confirmed_minor: confirmed, ...shown() };
    const sent = withApproval(
      (approvalId) => insist("POST", "/sales", { ...body, approval_id: approvalId }),
      discountsAsked,
    );
    // Drawn while the server is at work.
    set({ ringing: true, notice: null });
    const done = await sent;
    if (!done) {
      notApproved({ typed: tendered });
      return;
    }
    const { rest_minor: rest, cash_minor: own, stored_minor: stored } = totals;
    const how = tenderShown({ cash: rest > 0, stored: stored > 0 });
    const spent = (ticket.stored ?? []).filter((one) => one.pays_minor > 0);
    const has_cards = ticket.lines.some((line) => line.gift);
    showPaid({ ...done, how, own, tendered, spent, has_cards }, client);
  } catch (error) {
    set({ ringing: false });
    await refused(error);
  }
}

/**
 * What the end of a sale is headed by: the first of these that paid something.
 * @param {{card?: boolean, cash: boolean, stored: boolean, cards?: number}} paid
 * @returns {Paid["how"]}
 */
function tenderShown({ card = false, cash, stored, cards = 0 }) {
  if (cards > 1) return "parts";
  if (card) return "card";
  if (cash) return "cash";
  return stored ? "stored" : "credit";
}

/**
 * The discounts as charged were not agreed to: the ticket and what was typed stay.
 * @param {Partial<State>} kept the mode and the amount
 */
function notApproved(kept) {
  remember(null);
  set({
    payment: null,
    ringing: false,
    ...kept,
    notice: {
      kind: "warn",
      words: t("Nobody approved it, so nothing was taken. Change the ticket, or ask a manager."),
    },
  });
}

/** @param {unknown} error */
async function refused(error) {
  if (!(error instanceof Problem)) throw error;
  remember(null);
  set({ payment: null });
  if (error.problem.why === "shift_closed") set({ shift: null });
  if (error.status === 422) set({ notice: { kind: "bad", words: error.message } });
  else await reread(sentence(error));
  follow();
}

/**
 * Show a completed sale; what the client has left is asked for behind it.
 * @param {Omit<Paid, "client" | "left" | "cards">} sale
 * @param {Client | null} client
 */
export function showPaid(sale, client) {
  startNew({ paid: { ...sale, client, left: null, cards: [] }, ringing: false });
  /** @param {Partial<Paid>} found */
  const add = (found) => {
    if (state.paid?.sale_id === sale.sale_id) set({ paid: { ...state.paid, ...found } });
  };
  if (sale.has_cards) {
    call("GET", `/sales/${sale.sale_id}/gift-cards`).then(
      (now) => add({ cards: now.gift_cards }),
      () => {},
    );
  }
  if (!client) return;
  call("GET", `/clients/${client.client_id}`).then(
    (now) => add({ left: now }),
    () => {},
  );
  call("GET", `/sales/${sale.sale_id}/visit-conversion`).then(
    (now) => add({ visit_conversion: now }),
    () => {},
  );
}

whenPaid((payment, client) => {
  const {
    amount_minor: paidByCard,
    cash_minor: cash,
    stored_minor: stored,
    parts = [],
    due_minor: all,
    change_minor: change = 0,
    rounding_minor: rounding = 0,
    card,
    sale,
    tip_minor: tip,
    kind,
  } = payment;
  if (!sale) return;
  const { ticket } = state;
  const spent = (ticket?.stored ?? []).filter((one) => one.pays_minor > 0);
  const has_cards = Boolean(ticket?.lines.some((line) => line.gift));
  const cards = parts.filter((part) => part.kind === "card");
  const total_minor = all === undefined ? paidByCard + cash + stored : all - tip;
  const byCash = parts.some((part) => part.kind === "cash");
  showPaid(
    {
      ...sale,
      how: tenderShown({
        card: parts.length === 0 || cards.length > 0,
        cash: byCash,
        stored: true,
        cards: cards.length,
      }),
      own: cards.length ? cards.reduce((sum, part) => sum + part.amount_minor, 0) : paidByCard + tip,
      by_cards: cards,
      rounding_minor: rounding,
      total_minor,
      tip_minor: tip,
      reader_tip: tip,
      by_code: kind === "checkout",
      change_minor: change,
      tendered: cash + rounding + change,
      card: cards[0]?.card ?? card,
      spent,
      has_cards,
    },
    client,
  );
});

/** After a reload: continue the payment that was being made, or show what became of the last sale. */
export async function resume() {
  const last = recall();
  if (state.payment) {
    follow();
    return;
  }
  if (!last) return;
  try {
    if (last.how === "card") {
      const payment = await call("GET", `/payments/${last.sale_id}`);
      if (!payment.sale) return remember(null);
    }
    const sale = await call("GET", `/sales/${last.sale_id}`);
    if (isEmpty(state.draft)) return showSale(sale);
    // The next ticket was begun while this was asked: it stays, and what became of the last sale is said once.
    remember(null);
    set({
      notice: { kind: "warn", words: t("The sale before is paid: receipt {receipt}.", { receipt: sale.receipt }) },
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 404) remember(null);
  }
}

/**
 * Show a sale as just paid, from what the server keeps of it.
 * @param {SaleAnswer} sale
 */
export function showSale(sale) {
  const card = sale.tenders.some((tender) => tender.kind === "card");
  const stored = sale.tenders.some((tender) => tender.kind !== "card" && tender.kind !== "cash");
  const cash = sale.tenders.find((tender) => tender.kind === "cash");
  /** @param {string} kind */
  const by = (kind) =>
    sale.tenders.filter((tender) => tender.kind === kind).reduce((sum, tender) => sum + tender.amount_minor, 0);
  const cards = sale.tenders.filter((tender) => tender.kind === "card");
  const how = tenderShown({ card, cash: cash !== undefined, stored, cards: cards.length });
  const has_cards = sale.lines.some((line) => line.kind === "gift_card");
  showPaid(
    {
      ...sale,
      has_cards,
      spent: [],
      how,
      by_cards: cards,
      card: cards[0]?.card ?? null,
      own: by(how),
      tendered: (cash?.amount_minor ?? 0) + sale.change_minor,
    },
    sale.client,
  );
}

/** Leave the paid sale behind. */
export function nextClient() {
  remember(null);
  startNew();
}
