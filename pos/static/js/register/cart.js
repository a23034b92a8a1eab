/** The ticket on the server, kept equal to the draft on the screen: changes are sent one after another, fast ones together. */

import { toast } from "../announce.js";
import { newKey, Problem } from "../http.js";
import { t } from "../messages.js";
import { call, insist } from "./api_client.js";
import { withApproval } from "./approval.js";
import { blankTicket, content, draftOf, mended, sameContent } from "./cart_content.js";
import { emptyDraft, isEmpty } from "./cart_draft.js";
import { discountsAsked, money } from "./format.js";
import { remember } from "./pending_sale.js";
import { itemOf, set, state } from "./state.js";

let isAhead = false;
/** @type {Promise<void> | null} */
let running = null;
/** @type {string | null} */
let newTicketId = null;
/**
 * The changes that the server does not know of yet, to be made again where another window was faster.
 * @type {((draft: Draft) => Draft)[]}
 */
let steps = [];
const NOT_APPROVED = () => t("Nobody approved it, so the ticket is as it was.");
/** A change is made again on a newer ticket this often, and then the newer ticket is shown. */
const MOST_AGAIN = 3;

/**
 * Change the draft: it is drawn at once and sent as soon as the line is free. step: draft → draft.
 * @param {(draft: Draft) => Draft} step
 * @param {Partial<State>} [also]
 */
export function change(step, also = {}) {
  if (state.payment || state.ringing) {
    toast(t("This ticket is being paid. Finish or stop the payment first."));
    return;
  }
  const draft = step(state.draft);
  if (draft === state.draft) return;
  if (state.paid) remember(null);
  isAhead = true;
  steps.push(step);
  set({ draft, saving: true, notice: null, paid: null, mode: "pick", typed: null, ...also });
  running ??= send().finally(() => {
    running = null;
    set({ saving: false });
  });
}

/** Resolve once the server knows all that is on the screen. */
export async function settled() {
  while (running) await running;
}

async function send() {
  // One turn of the event loop collects what belongs to one gesture.
  await Promise.resolve();
  let again = 0;
  while (isAhead) {
    isAhead = false;
    const sent = steps.length;
    try {
      const newer = await sendOnce(state.draft, again < MOST_AGAIN);
      if (newer) again += 1;
      if (newer) changeAgain(newer);
      else steps.splice(0, sent);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      await refused(error);
    }
  }
}

/**
 * Make the changes that were refused on the ticket as another window has left it, and say so.
 * @param {Ticket} ticket
 */
function changeAgain(ticket) {
  const theirs = draftOf(ticket);
  const draft = steps.reduce((known, step) => step(known), theirs);
  isAhead = !sameContent(draft, theirs);
  if (!isAhead) steps = [];
  const client = draft.client_id === theirs.client_id ? ticket.client : state.client;
  const words = isAhead
    ? t("Another window changed this ticket. What you did here was added to it: look it over.")
    : t("Another window changed this ticket, so what you did here is not possible any more.");
  set({ ticket, draft, client, notice: { kind: "warn", words } });
}

/**
 * Tell the server what is on the screen. Returns the ticket where another window changed it and the changes may be made again.
 * @param {Draft} draft
 * @param {boolean} mayAgain
 * @returns {Promise<Ticket | void>}
 */
async function sendOnce(draft, mayAgain) {
  let { ticket } = state;
  if (!ticket) {
    ticket = await opened(draft);
    if (!ticket || sameContent(draftOf(ticket), draft)) return;
  }
  const { version } = ticket;
  const path = `/tickets/${ticket.ticket_id}`;
  try {
    /** @param {string | null} approvalId */
    const put = (approvalId) => insist("PUT", path, { ...content(draft), version, approval_id: approvalId });
    const made = await withApproval(put, discountsAsked);
    if (made) {
      take(made);
    } else {
      isAhead = false;
      steps = [];
      set({
        draft: draftOf(ticket),
        client: ticket.client,
        notice: { kind: "warn", words: NOT_APPROVED() },
      });
    }
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "conflict" || error.field) throw error;
    // A lost answer to this very change looks like somebody else's: what counts is what the ticket holds now.
    const now = await call("GET", path);
    if (now.state === "open" && sameContent(draftOf(now), draft)) take(now);
    else if (mayAgain && now.state === "open" && now.version !== version) return now;
    else throw error;
  }
}

/**
 * Open the ticket on the server with what is on the screen, in one request. Asked again with the same key, the server answers
 * what it made of the first, which may hold less than the screen. Null where somebody's consent was asked for and not given.
 * @param {Draft} draft
 * @returns {Promise<Ticket | null>}
 */
async function opened(draft) {
  newTicketId ??= newKey();
  const body = { ...content(draft), ticket_id: newTicketId };
  /** @param {string | null} approvalId */
  const post = (approvalId) => insist("POST", "/tickets", { ...body, approval_id: approvalId });
  /** @type {Ticket | null} */
  const made = await withApproval(post, discountsAsked);
  if (!made) {
    newTicketId = null;
    dropLines({ kind: "warn", words: NOT_APPROVED() });
    return null;
  }
  newTicketId = null;
  if (sameContent(draftOf(made), draft)) take(made);
  else set({ ticket: made });
  return made;
}

/**
 * No ticket was opened: what was on the screen goes, but the client stays.
 * @param {State["notice"]} notice
 */
function dropLines(notice) {
  isAhead = false;
  steps = [];
  set({ draft: { ...emptyDraft(), client_id: state.draft.client_id }, notice });
}

/** @param {Ticket} ticket */
function take(ticket) {
  set({ ticket, client: isAhead ? state.client : ticket.client, ...(isAhead ? {} : { draft: draftOf(ticket) }) });
}

/** @param {Problem} problem */
async function refused(problem) {
  isAhead = false;
  steps = [];
  const words = sentence(problem);
  newTicketId = null;
  if (!state.ticket) {
    dropLines({ kind: "bad", words });
    if (problem.status === 404) set({ draft: emptyDraft(), client: null });
    return;
  }
  if (problem.status === 409 || problem.status === 404) {
    await reread(words);
  } else {
    set({ draft: draftOf(state.ticket), client: state.ticket.client, notice: { kind: "bad", words } });
  }
}

/**
 * What a refusal says, with the single price where a credit is gone.
 * @param {Problem} problem
 */
export function sentence(problem) {
  const { single_minor: single } = problem.problem;
  return single
    ? t("{refusal} A single is {amount}.", { refusal: problem.message, amount: money(single) })
    : problem.message;
}

/**
 * Look at the ticket again after something moved, and say why.
 * @param {string | null} [words]
 */
export async function reread(words) {
  /** @type {State["notice"]} */
  const notice = words ? { kind: "warn", words } : null;
  try {
    const ticket = await call("GET", `/tickets/${state.ticket?.ticket_id}`);
    if (ticket.state === "open" || ticket.state === "paying") {
      set({ ticket, client: ticket.client, draft: draftOf(ticket), payment: ticket.payment, notice });
    } else {
      startNew({ notice });
    }
  } catch (error) {
    if (!(error instanceof Problem) || error.outcomeUnknown) throw error;
    if (error.status === 404) startNew({ notice });
    // It cannot be priced as it stands (a chosen credit is gone): ask for what is still possible.
    else
      mend({ client_id: state.draft.client_id, content: state.draft, version: null, sentence: words ?? error.message });
  }
}

/**
 * Take up a ticket as the server gave it.
 * @param {Ticket} ticket
 */
export function show(ticket) {
  isAhead = false;
  steps = [];
  set({
    ticket,
    client: ticket.client,
    draft: draftOf(ticket),
    payment: ticket.payment,
    paid: null,
    notice: null,
    mode: "pick",
    typed: null,
    noReaderTip: false,
  });
}

/**
 * Ask anew for what is left of a ticket that could not be priced. stuck: {ticket_id?, version, client_id, content, sentence}.
 * @param {Stuck} stuck
 */
export function mend(stuck) {
  const ticketId = stuck.ticket_id ?? state.ticket?.ticket_id;
  if (!ticketId) return;
  set({
    ticket: { ...(state.ticket ?? blankTicket), ticket_id: ticketId, version: stuck.version },
    draft: emptyDraft(),
  });
  change(() => mended(stuck, (itemId) => itemOf(itemId) !== undefined));
  set({ notice: { kind: "warn", words: stuck.sentence } });
}

/** Begin the next ticket; it reaches the server with its first line. */
export function startNew(also = {}) {
  isAhead = false;
  steps = [];
  newTicketId = null;
  set({
    ticket: null,
    draft: emptyDraft(),
    client: null,
    payment: null,
    paid: null,
    notice: null,
    mode: "pick",
    typed: null,
    noReaderTip: false,
    ...also,
  });
}

/**
 * Put the ticket aside with a note; any desk may take it up.
 * @param {string} note
 */
export async function park(note) {
  await settled();
  const { parked } = await insist("POST", `/tickets/${state.ticket?.ticket_id}/park`, { note });
  startNew({ parked });
}

/**
 * Take a parked ticket up at this desk.
 * @param {string} ticketId
 */
export async function takeUp(ticketId) {
  await settled();
  const ticket = await insist("POST", `/tickets/${ticketId}/take-up`, {});
  show(ticket);
  set({ parked: state.parked.filter((row) => row.ticket_id !== ticketId) });
}

/**
 * Throw a parked ticket away.
 * @param {string} ticketId
 */
export async function dropParked(ticketId) {
  await insist("POST", `/tickets/${ticketId}/drop`, {});
  set({ parked: state.parked.filter((row) => row.ticket_id !== ticketId) });
}

/** Clear the ticket; returns the function that brings its content back, or null when there was none. */
export async function clear() {
  const { draft, client } = state;
  await settled();
  const ticketId = state.ticket?.ticket_id;
  startNew();
  if (ticketId) await insist("POST", `/tickets/${ticketId}/drop`, {});
  return isEmpty(draft) ? null : () => change(() => draft, { client });
}
