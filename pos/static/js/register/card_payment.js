/** A card payment from the reader's first question to its end: asking how it stands, again, stop. */

import { toast } from "../announce.js";
import { Problem } from "../http.js";
import { t } from "../messages.js";
import { call, insist } from "./api_client.js";
import { withApproval } from "./approval.js";
import { reread } from "./cart.js";
import { remember } from "./pending_sale.js";
import { isPartly, set, state } from "./state.js";

/** @type {number | undefined} */
let timer;
let asked = 0;
let onPaid = /** @type {(payment: Payment, client: Client | null) => void} */ (() => {});

/**
 * Change what the screen knows of the payment under way; nothing where there is none any more.
 * @param {Partial<Payment>} changes
 */
export function update(changes) {
  if (state.payment) set({ payment: { ...state.payment, ...changes } });
}

/**
 * Say who shows a completed sale: a function of the payment and of the client.
 * @param {(payment: Payment, client: Client | null) => void} shower
 */
export function whenPaid(shower) {
  onPaid = shower;
}

/**
 * How long to wait before the next question, in milliseconds: each second at first, then less often.
 * @param {string} kind
 * @param {number} times
 */
export function pace(kind, times) {
  if (kind === "declined" || kind === "partly_paid") return 5000;
  if (times < 20) return 1000;
  return times < 60 ? 2000 : 5000;
}

/** Ask on, as long as there is a payment whose end is not known. */
export function follow() {
  clearTimeout(timer);
  if (!state.payment || state.payment.state === "starting") return;
  timer = setTimeout(ask, pace(state.payment.state, asked));
}

async function ask() {
  const payment = state.payment;
  if (!payment) return;
  asked += 1;
  try {
    const now = await call("GET", `/payments/${payment.order_id}`, undefined, { timeout: 15000 });
    if (state.payment?.order_id === payment.order_id && !state.payment.busy) land(now);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 404) await letGo(error.message);
  }
  follow();
}

/**
 * Act on what the server says of the payment; any number of times.
 * @param {Payment} payment
 */
export function land(payment) {
  const before = state.payment;
  if (payment.order_id !== before?.order_id) return;
  if (payment.state !== before.state) asked = 0;
  if (payment.sale) {
    const { client } = state;
    clearTimeout(timer);
    set({ payment: null });
    onPaid(payment, client);
  } else if (payment.state === "succeeded") {
    letGo(payment.sentence ?? t("The card was charged, and it paid for no sale. Do not charge again; tell a manager."));
  } else if (payment.state === "canceled") {
    letGo(payment.sentence);
  } else if (payment.state === "failed") {
    letGo(payment.sentence ?? t("The card service refused this payment. Nothing was taken."));
  } else {
    const isSame = payment.state === before.state && payment.kind === before.kind;
    set({
      payment: {
        ...payment,
        busy: false,
        says: isSame ? before.says : null,
        ways: isSame ? before.ways : null,
      },
    });
    follow();
  }
}

/** @param {string | null} words */
async function letGo(words) {
  clearTimeout(timer);
  asked = 0;
  remember(null);
  set({ payment: null });
  if (state.ticket) await reread(words);
}

/**
 * @param {"again" | "cancel" | "reader" | "code"} verb
 * @param {object} [body]
 */
async function order(verb, body = {}) {
  const payment = state.payment;
  if (!payment || payment.busy) return;
  clearTimeout(timer);
  set({ payment: { ...payment, busy: true, says: null, ways: null } });
  const onDoubt = () => update({ state: "unknown" });
  try {
    land(await insist("POST", `/payments/${payment.order_id}/${verb}`, body, { onDoubt }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    update({ busy: false, says: error.message });
    follow();
  }
}

/** Let the reader ask for the card once more after a decline. */
export const again = () => order("again");

/** Give the payment up and choose again; if it was paid meanwhile, it is paid. */
export const cancel = () => order("cancel");

/**
 * Let another reader ask for this payment.
 * @param {string} readerId
 */
export const askAt = (readerId) => order("reader", { reader_id: readerId });

/** Show a QR code instead. */
export const showCode = () => order("code");

/** Look which other ways there are: `ways` becomes the readers of the location; null closes the list. */
export async function lookForWays() {
  const orderId = state.payment?.order_id;
  /** @param {Payment["ways"]} ways */
  const put = (ways) => state.payment?.order_id === orderId && update({ ways });
  put("looking");
  try {
    put((await call("GET", "/readers", undefined, { timeout: 15000 })).readers);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    put([]);
  }
}

/** Close the list of ways. */
export const closeWays = () => update({ ways: null });

/**
 * Take a reader away from the payment it is stuck on; another desk's wants a manager.
 * @param {Reader} reader
 */
export async function freeReader(reader) {
  try {
    const { label, holder } = reader;
    const text = holder
      ? t("Take the reader “{label}” away from {holder}. That payment is given up.", { label, holder })
      : t("Take the reader “{label}” away from what it is asking for. That payment is given up.", { label });
    const freed = await withApproval(
      (approvalId) => call("POST", `/readers/${reader.reader_id}/free`, { approval_id: approvalId }),
      text,
    );
    if (freed) toast(freed.sentence ?? t("The reader “{label}” is free.", { label }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    toast(error.message);
  }
  if (state.payment) await lookForWays();
}

/** Give the payment up and take cash. */
export async function cashInstead() {
  await order("cancel");
  if ((!state.payment || isPartly()) && !state.paid && state.ticket) set({ mode: "cash" });
}
