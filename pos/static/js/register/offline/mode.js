/**
 * The time without the server: what is kept for it, when it begins and ends, and the sales that are sent afterwards. It begins when a
 * person says so, or when the page is opened while the server is away; until then everything waits for the server.
 */

import { toast } from "../../announce.js";
import { get, Problem, post } from "../../http.js";
import { n, t } from "../../messages.js";
import { answerHere, call, freshToken } from "../api_client.js";
import { change, settled } from "../cart.js";
import { blankTicket } from "../cart_content.js";
import { need } from "../dom.js";
import { clockTime } from "../format.js";
import { loadRest } from "../later.js";
import { recall } from "../pending_sale.js";
import { set, setDesk, state, watch } from "../state.js";
import { dropCleared } from "./cleared.js";
import { answer, LOCAL } from "./local_server.js";
import { addSale, forget, keep, kept, lastClients, removeSale, waitingSales } from "./store.js";

/** So many clients are known without the server: those this desk had on a ticket last. */
const CLIENTS = 30;
const MINUTE = 60_000;
/** What is known is written down no more often than this. */
const PAUSE = 10_000;

let heardAt = 0;
let wroteAt = 0;

/** The server has answered: from here on the time without it is counted. */
export function heard() {
  heardAt = Date.now();
  if (heardAt - wroteAt < PAUSE) return;
  wroteAt = heardAt;
  quietly(keep("heard", heardAt));
}

// Where the browser refuses to keep anything, the desk works as ever and cannot go on without the server.
/** @param {Promise<unknown>} work */
const quietly = (work) =>
  work.catch(() => {
    /* nothing is kept */
  });

/** @param {DeskAnswer} known what the server has just told */
export function remembers(known) {
  heard();
  quietly(keep("desk", { ...known, parked: [] }));
}

/**
 * The desk as it was known last, where that is not too long ago; null otherwise.
 * @returns {Promise<DeskAnswer | null>}
 */
async function lastKnown() {
  try {
    const [known, at] = [await kept("desk"), await kept("heard")];
    const minutes = known?.offline_limits?.minutes ?? 0;
    if (!known || !at || Date.now() > at + minutes * MINUTE) return null;
    heardAt = at;
    return known;
  } catch {
    return null;
  }
}

/** Whether the desk may go on without the server now. */
export const mayGoOn = () =>
  state.offline &&
  !state.local &&
  !state.payment &&
  state.phase === "ready" &&
  state.offline_limits.minutes > 0 &&
  Date.now() < heardAt + state.offline_limits.minutes * MINUTE;

/** Go on without the server: from here on this browser answers. */
export function goOn() {
  answerHere(async (method, path, body) => {
    const found = await answer(method, path, body);
    if (method === "POST" && path === "/sales") await count();
    return found;
  });
  set({ local: true, localUntil: heardAt + state.offline_limits.minutes * MINUTE });
  // Price again what is on the ticket. One that was being rung up is asked for again by whoever rings it up.
  if (state.draft.lines.length && !state.ringing) change((draft) => ({ ...draft }));
  count();
}

/** Open the desk as it was known last; returns whether that was possible. */
export async function openWithout() {
  const known = await lastKnown();
  if (!known) return false;
  // Read before this browser answers: from then on what is on the screen is kept.
  const left = await kept("draft").catch(() => null);
  setDesk(known);
  goOn();
  if (left?.desk_id === known.desk?.desk_id && left.draft.lines.length)
    change(() => left.draft, { client: left.client, ticket: left.ticket && { ...blankTicket, ...left.ticket } });
  if (recall()?.how === "card")
    set({
      notice: {
        kind: "warn",
        words: t("A card payment was being made here. Wait for the server before you take cash for it."),
      },
    });
  return true;
}

/** The sales whose cash lies in the drawer of this desk: no other desk sends them. */
async function ownSales() {
  const all = await waitingSales().catch(() => /** @type {WaitingSale[]} */ ([]));
  return { own: all.filter((sale) => sale.desk_id === state.desk?.desk_id), others: all.length };
}

async function count() {
  set({ queued: (await ownSales()).own.length });
}

/** The server is back: it answers again, and the ticket on the screen is brought to it as it stands, with the panel it is at. */
async function comeBack() {
  const asked = state.paid ? null : state.ticket;
  const known = asked && (await asServed(asked));
  await settled();
  // A sale that is just being written down is one of those that wait: look again soon.
  if (state.ringing) return;
  answerHere(null);
  const { ticket, draft, client, mode, typed } = state;
  set({ local: false, offline: false });
  if (!state.paid && draft.lines.length) {
    const isThere = known?.state === "open" && known.ticket_id === ticket?.ticket_id;
    // What is due stays on the screen until it is priced again, and with it what is being typed.
    set({ ticket: ticket && isThere ? { ...ticket, version: known.version } : null });
    change((now) => ({ ...now }), { client, mode, typed });
  } else if (ticket?.version === LOCAL) {
    set({ ticket: null });
  }
  await sendAll();
  await refresh();
}

/**
 * A ticket as the server has it, where one that was made here is made; as it was known where it cannot be priced, because its credit
 * is gone; null where it is not there.
 * @param {Ticket} ticket
 * @returns {Promise<Ticket | null>}
 */
async function asServed({ ticket_id, ...ticket }) {
  const isNew = ticket.version === LOCAL;
  try {
    if (isNew) return await post("/register/api/tickets", { ticket_id, client_id: null });
    return await get(`/register/api/tickets/${ticket_id}`);
  } catch (error) {
    if (!(error instanceof Problem) || error.outcomeUnknown) throw error;
    return isNew || error.status === 404 ? null : { ticket_id, ...ticket };
  }
}

async function refresh() {
  const known = await call("GET", "/state");
  set({ shift: known.shift, parked: known.parked, stopped: known.stopped });
  remembers(known);
}

/** @type {Promise<void> | null} */
let sending = null;

/** Send the sales that wait, one after another. Each has its key, so one that is sent twice is booked once. */
export function sendAll() {
  sending ??= send().finally(() => {
    sending = null;
  });
  return sending;
}

/**
 * Send one sale. One that was asked of the server before it went away, and is refused now, is sent as taken without it.
 * @param {WaitingSale} sale
 */
async function bring(sale) {
  try {
    return await call("POST", sale.path, sale.body);
  } catch (error) {
    if (!sale.instead || !isRefusal(error)) throw error;
  }
  const other = { ...sale, path: "/offline-sales", body: sale.instead, instead: null };
  await addSale(other);
  return call("POST", other.path, other.body);
}

/**
 * Send a sale, and where the server does not accept it, for a person to look at: the cash for it is in the drawer.
 * @param {WaitingSale} sale
 */
async function bringOrKeep(sale) {
  try {
    return await bring(sale);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const body = sale.instead ?? sale.body;
    return call("POST", "/offline-sales", { ...body, refused: /** @type {Problem} */ (error).message });
  }
}

/**
 * Whether the server has decided against it, and will again; without an answer, and without a person who may, it is sent again.
 * @param {unknown} error
 */
const isRefusal = (error) =>
  error instanceof Problem && !error.outcomeUnknown && ![401, 403, 429].includes(error.status);

async function send() {
  await dropCleared();
  let booked = 0;
  /** @type {string[]} */
  const problems = [];
  /** @type {string[]} */
  const stay = [];
  const { own, others } = await ownSales();
  for (const sale of own) {
    try {
      const { problem } = await bringOrKeep(sale);
      if (problem) problems.push(problem);
      else booked += 1;
      // The screen must not say any longer that it was paid.
      if (problem && state.paid?.sale_id === sale.sale_id) set({ paid: null });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (!isRefusal(error)) break;
      // Money was taken and the server has no word of it: it stays here.
      stay.push(error.message);
      continue;
    }
    await removeSale(sale.sale_id);
  }
  await count();
  set({ refused: stay });
  // What waits now is parked on the server: the key of parked tickets says so.
  if (problems.length) quietly(refresh());
  const words = [];
  if (booked) words.push(n("{count} sale was brought in.", "{count} sales were brought in.", booked));
  if (problems.length)
    words.push(
      n("{count} sale waits under Parked: {why}", "{count} sales wait under Parked: {why}", problems.length, {
        why: problems[0],
      }),
    );
  if (others > own.length)
    words.push(t("Sales of another desk wait in this browser. Sign in at that desk to send them."));
  if (words.length) toast(words.join(" "), { stays: problems.length ? 20_000 : 6000 });
}

let isLooking = false;

/** Look whether the server is back. */
async function probe() {
  if (isLooking || !state.local) return;
  isLooking = true;
  try {
    await freshToken({ timeout: 4000 });
    await comeBack();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  } finally {
    isLooking = false;
  }
}

/** What the page has loaded, for the script that answers for the server. */
function files() {
  const own = performance.getEntriesByType("resource").map(({ name }) => name);
  return own.filter((name) => name.startsWith(`${location.origin}/static/`));
}

async function keepPage() {
  await loadRest();
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("/register/service-worker.js", { scope: "/register/" });
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    need(document, "#offline").toggleAttribute("data-kept", Boolean(data?.kept));
  });
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage({ keep: files() });
}

/** Forget what the desk knew, as when its browser is given back; sales that wait are kept. */
async function forgetDesk() {
  const registration = await navigator.serviceWorker?.getRegistration("/register/");
  registration?.active?.postMessage({ forget: true });
  await quietly(forget());
}

/** @param {State} now */
function bannerWords(now) {
  if (!now.offline && !now.local)
    return n(
      "{count} sale was refused and is kept in this browser: {why}",
      "{count} sales were refused and are kept in this browser: {why}",
      now.refused.length,
      { why: now.refused[0] ?? "" },
    );
  if (!now.local) return t("Not connected. Nothing is lost; trying again.");
  const until = clockTime(new Date(now.localUntil).toISOString());
  const limit = t("Without the server: cash only, until {until}.", { until });
  if (!now.queued) return limit;
  const waiting = n("{count} sale waits to be sent.", "{count} sales wait to be sent.", now.queued);
  return `${limit} ${waiting}`;
}

/** Attach the banner, keep what is known, and look for the server. */
export function wireOffline() {
  const banner = need(document, "#offline");
  const key = /** @type {HTMLButtonElement} */ (need(banner, "[data-goes-on]"));
  key.addEventListener("click", () => {
    if (mayGoOn()) goOn();
  });
  const again = /** @type {HTMLButtonElement} */ (need(banner, "[data-again]"));
  again.addEventListener("click", sendAll);
  /** @type {Client | null} */
  let lastClient = null;
  watch((now) => {
    banner.hidden = !now.offline && !now.local && now.refused.length === 0;
    again.hidden = now.offline || now.local || now.refused.length === 0;
    need(banner, "[data-words]").textContent = bannerWords(now);
    key.hidden = !mayGoOn();
    if (now.client && now.client !== lastClient) quietly(rememberClient(now.client));
    lastClient = now.client;
    keepDraft(now);
  });
  document.querySelector("form[data-leave]")?.addEventListener("submit", () => quietly(forgetDesk()));
  setInterval(probe, 3000);
  // Once the desk is drawn: what is loaded for later holds up nothing.
  const stop = watch(({ phase }) => {
    if (phase === "loading") return;
    stop();
    requestAnimationFrame(() => setTimeout(() => quietly(keepPage())));
  });
}

/** @type {unknown[]} */
let keptOf = [];

/**
 * Keep what is on the ticket through a reload without the server; not while a card may pay it.
 * @param {State} now
 */
function keepDraft({ phase, desk, draft, client, ticket, payment }) {
  const of = payment ? [] : [draft, client?.client_id, ticket?.ticket_id, ticket?.version];
  if (phase !== "ready" || (of.length === keptOf.length && of.every((one, at) => one === keptOf[at]))) return;
  keptOf = of;
  const { ticket_id, version } = ticket ?? {};
  const left = {
    desk_id: desk?.desk_id,
    draft,
    client: client && withoutAddresses(client),
    ticket: ticket && { ticket_id, version },
  };
  quietly(keep("draft", payment ? null : left));
}

// Without addresses: what is needed to redeem a credit, and nothing more.
/** @param {Client} client */
const withoutAddresses = ({ phone: _, email: __, note: ___, allergy: ____, ...client }) => client;

/** @param {Client} known */
async function rememberClient(known) {
  const client = withoutAddresses(known);
  const others = (await lastClients()).filter((one) => one.client_id !== client.client_id);
  await keep("clients", [client, ...others].slice(0, CLIENTS));
}
