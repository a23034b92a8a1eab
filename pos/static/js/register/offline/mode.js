/**
 * The time without the server: what is kept for it, when it begins and ends, and the sales that are sent afterwards. It begins when a
 * person says so, or when the page is opened while the server is away; until then everything waits for the server.
 */

import { toast } from "../../announce.js";
import { get, Problem } from "../../http.js";
import { n, t } from "../../messages.js";
import { answerHere, call } from "../api_client.js";
import { change, settled } from "../cart.js";
import { need } from "../dom.js";
import { clockTime } from "../format.js";
import { set, setDesk, state, watch } from "../state.js";
import { answer, LOCAL } from "./local_server.js";
import { forget, keep, kept, removeSale, waitingSales } from "./store.js";

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
  // Price again what is on the ticket.
  if (state.draft.lines.length) change((draft) => ({ ...draft }));
  count();
}

/** Open the desk as it was known last; returns whether that was possible. */
export async function openWithout() {
  const known = await lastKnown();
  if (!known) return false;
  // Read first: as soon as the desk is shown, what is on its ticket is kept in the place of this.
  const left = await kept("draft").catch(() => null);
  setDesk(known);
  goOn();
  if (left?.draft?.lines?.length) {
    // The ticket that the server has, so that it is dropped once this one is paid.
    set({ ticket: left.ticket });
    change(() => left.draft, { client: left.client });
  }
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

/** The server is back: it answers again, and the ticket on the screen is brought to it. */
async function comeBack() {
  await settled();
  answerHere(null);
  const { ticket, draft, client } = state;
  set({ local: false, offline: false });
  if (!state.paid && draft.lines.length) {
    const served = ticket && ticket.version !== LOCAL ? await call("GET", `/tickets/${ticket.ticket_id}`) : null;
    set({ ticket: served?.state === "open" ? served : null });
    change((now) => ({ ...now }), { client });
  } else if (ticket?.version === LOCAL) {
    set({ ticket: null });
  }
  await sendAll();
  await refresh();
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

async function send() {
  let booked = 0;
  /** @type {string[]} */
  const problems = [];
  /**
   * @param {WaitingSale} sale
   * @param {string} why
   */
  const refuse = (sale, why) => {
    problems.push(why);
    // The screen must not say any longer that it was paid.
    if (state.paid?.sale_id === sale.sale_id) set({ paid: null });
  };
  const { own, others } = await ownSales();
  for (const sale of own) {
    try {
      const { problem } = await call("POST", sale.path, sale.body);
      if (problem) refuse(sale, problem);
      else booked += 1;
    } catch (error) {
      // Without an answer it stays and is sent again.
      if (!(error instanceof Problem)) throw error;
      if (error.outcomeUnknown || error.status === 401 || error.status === 403) break;
      refuse(sale, error.message);
    }
    await removeSale(sale.sale_id);
    if (sale.drops) await call("POST", `/tickets/${sale.drops}/drop`, {}).catch(() => null);
  }
  await count();
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

/** Look whether the server is back. */
async function probe() {
  if (!state.offline && !state.local) return;
  try {
    await get("/register/api/token", { timeout: 4000 });
    if (state.local) await comeBack();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

/** What the page has loaded, for the script that answers for the server. */
function files() {
  const own = performance.getEntriesByType("resource").map(({ name }) => name);
  return own.filter((name) => name.startsWith(`${location.origin}/static/`));
}

async function keepPage() {
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
  if (!now.local) return t("Not connected. Nothing is lost; trying again.");
  const until = clockTime(new Date(now.localUntil).toISOString());
  const limit = t("Without the server: cash only, until {until}.", { until });
  if (!now.queued) return limit;
  return `${limit} ${n("{count} sale waits to be sent.", "{count} sales wait to be sent.", now.queued)}`;
}

/** Attach the banner, keep what is known, and look for the server. */
export function wireOffline() {
  const banner = need(document, "#offline");
  const key = /** @type {HTMLButtonElement} */ (need(banner, "[data-goes-on]"));
  key.addEventListener("click", () => {
    if (mayGoOn()) goOn();
  });
  /** @type {Client | null} */
  let lastClient = null;
  let wasAway = false;
  watch((now) => {
    banner.hidden = !now.offline && !now.local;
    need(banner, "[data-words]").textContent = bannerWords(now);
    key.hidden = !mayGoOn();
    if (now.client && now.client !== lastClient) quietly(rememberClient(now.client));
    lastClient = now.client;
    const isAway = now.phase === "ready" && (now.offline || now.local);
    if (isAway) quietly(keep("draft", now.paid ? null : onScreen(now)));
    else if (wasAway) quietly(keep("draft", null));
    wasAway = isAway;
  });
  document.querySelector("form[data-leave]")?.addEventListener("submit", () => quietly(forgetDesk()));
  setInterval(probe, 3000);
  addEventListener("load", () => quietly(keepPage()));
}

/**
 * The ticket as it stands, for a reload without the server.
 * @param {State} now
 */
const onScreen = ({ draft, client, ticket }) => ({
  draft,
  client: client && withoutAddresses(client),
  ticket: ticket && { ...ticket, client: ticket.client && withoutAddresses(ticket.client) },
});

/**
 * What is needed to redeem a credit, and nothing more.
 * @param {Client} client
 */
const withoutAddresses = ({ phone: _, email: __, note: ___, allergy: ____, ...client }) => client;

/** @param {Client} chosen */
async function rememberClient(chosen) {
  const client = withoutAddresses(chosen);
  /** @type {Client[]} */
  const known = (await kept("clients")) ?? [];
  const others = known.filter((one) => one.client_id !== client.client_id);
  await keep("clients", [client, ...others].slice(0, CLIENTS));
}
