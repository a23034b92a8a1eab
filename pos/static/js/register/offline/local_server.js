/**
 * What answers the desk while the server does not: tickets priced here, a search through what is known, and sales in cash that
 * wait in this browser to be sent. Everything else waits for the server, in words.
 */

import { Problem } from "../../http.js";
import { t } from "../../messages.js";
import { blankTicket, content, draftOf } from "../cart_content.js";
import { emptyDraft } from "../cart_draft.js";
import { itemOf, items, state } from "../state.js";
import { cashSuggestions } from "./cash_suggestions.js";
import { noteCleared } from "./cleared.js";
import { priced, sentLines, waitsForServer } from "./prices.js";
import { addSale, lastClients, waitingSales } from "./store.js";

/** @type {Map<string, Ticket>} tickets made or changed since the server went away */
const tickets = new Map();

/**
 * @param {string} detail
 * @param {number} [status]
 */
const refuse = (detail, status = 409) => new Problem({ status, code: "offline", detail });

/**
 * @param {Ticket} before
 * @param {Draft} draft
 * @returns {Promise<Ticket>}
 */
async function repriced(before, draft) {
  const waits = waitsForServer(draft, itemOf, state.therapists);
  if (waits) throw refuse(waits);
  const client = draft.client_id ? await knownClient(draft.client_id) : null;
  const found = priced(draft, { itemOf, place: state.place, client: client && (await withoutUsed(client)) });
  return {
    ...before,
    state: "open",
    client,
    ...found,
    discount: null,
    service_charges: draft.service_charges ?? [],
    tip: draft.tip,
    cash_suggestions: cashSuggestions(found.totals?.cash_minor ?? 0, state.place),
    payment: null,
  };
}

/**
 * A client with the credits that the server last said. One who was found and not yet answered for has none: to take money for
 * what a credit may pay would be wrong.
 * @param {string} clientId
 */
async function knownClient(clientId) {
  const known = state.client?.client_id === clientId && state.client.lots ? [state.client] : await lastClients();
  const found = known.find((one) => one.client_id === clientId);
  if (!found?.lots) throw refuse(t("This client is not known here. Their credits wait for the server."));
  return found;
}

/**
 * A client without the credits that sales which wait here have used.
 * @param {Client} client
 */
async function withoutUsed(client) {
  const waiting = await waitingSales();
  /** @param {Lot} lot */
  const left = ({ lot_id: id, remaining }) => remaining - waiting.reduce((sum, sale) => sum + (sale.used[id] ?? 0), 0);
  return { ...client, lots: (client.lots ?? []).map((lot) => ({ ...lot, remaining: Math.max(0, left(lot)) })) };
}

/** Without accents and capitals. @param {string} text */
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** A code as `pos/domain/catalogue/barcodes.py` compares it: one article has 12, 13 or 14 digits. @param {string} code */
const bareCode = (code) => (/^\d{12,14}$/.test(code.trim()) ? code.trim().padStart(14, "0") : folded(code.trim()));

/** @param {string} query */
async function search(query) {
  const typed = folded(new URLSearchParams(query).get("q")?.trim() ?? "");
  const words = typed.split(/\s+/);
  /** @param {string} name */
  const fits = (name) => words.every((word) => folded(name).includes(word));
  /** @param {Item} item */
  const isCode = (item) => item.code !== null && item.code !== undefined && bareCode(item.code) === bareCode(typed);
  const found = items().filter((item) => fits(item.name) || isCode(item));
  return {
    clients: (await lastClients()).filter((client) => fits(client.name)).slice(0, 8),
    items: found.slice(0, 12).map((item) => ({ item_id: item.item_id, by_code: isCode(item) })),
    receipts: [],
    // Nobody is added while it is not known whether they are there already.
    scanned: true,
    sentence: t("Without the server only the menu and the last clients of this desk are known."),
  };
}

/**
 * How much cash may still be taken, as a refusal; null while there is room.
 * @param {number} dueMinor
 */
async function beyondLimits(dueMinor) {
  const { sales: most, most_minor: mostMinor } = state.offline_limits;
  const waiting = await waitingSales();
  const cash = waiting.reduce((sum, one) => sum + (one.body.due_minor ?? 0), dueMinor);
  if (Date.now() > state.localUntil) return t("The time without the server is over. Wait until it answers.");
  if (waiting.length >= most) return t("No more than {most} sales are taken without the server.", { most });
  if (cash > mostMinor) return t("That is more cash than may be taken without the server.");
  return null;
}

/** @param {any} body as the register sends it */
async function ringUp(body) {
  const { sale_id: saleId, ticket_id: ticketId, cash_tendered_minor: cash } = body;
  const again = (await waitingSales()).find((one) => one.sale_id === saleId);
  if (again) return again.answer;
  // Asked of the server before it went away: it may know the sale already, so exactly the same is asked again.
  const asked = tickets.has(ticketId) ? null : state.ticket;
  const ticket = asked ?? tickets.get(ticketId);
  if (ticket?.ticket_id !== ticketId || !ticket?.totals) throw refuse(t("This ticket waits for the server."), 404);
  const { due_minor: due, cash_minor: inCash, tip_minor: tip } = ticket.totals;
  const refusal =
    waitsForServer(draftOf(ticket), itemOf, state.therapists) ??
    (await beyondLimits(due)) ??
    (cash < inCash ? t("That is less than what is due.") : null);
  if (!asked && refusal) throw refuse(refusal);
  if (!asked) {
    const now = await repriced(ticket, draftOf(ticket));
    tickets.set(ticketId, now);
    if (now.totals?.due_minor !== due)
      throw refuse(t("The service charge has changed with the hour, and what is due."));
  }
  const own = {
    sale_id: saleId,
    // The server may have the ticket as it was before, or have opened it while its answer was lost.
    ticket_id: ticketId,
    client_id: ticket.client?.client_id ?? null,
    lines: sentLines(ticket.lines),
    tip: ticket.tip,
    service_charges: ticket.service_charges ?? [],
    due_minor: due,
    cash_minor: cash,
    credits: ticket.totals.credits_used,
    taken_at: new Date().toISOString(),
    taken_by: state.person?.name ?? "",
  };
  const sale = {
    sale_id: saleId,
    desk_id: state.desk?.desk_id ?? "",
    path: asked ? "/sales" : "/offline-sales",
    body: asked ? body : own,
    instead: asked ? { ...own, ...content(draftOf(asked)) } : null,
    used: usedOf(ticket.lines),
    answer: {
      sale_id: saleId,
      receipt: "",
      html: "",
      pdf: "",
      total_minor: due - tip,
      tip_minor: tip,
      change_minor: cash - inCash,
    },
  };
  await addSale(sale);
  tickets.delete(ticketId);
  return sale.answer;
}

/** @param {TicketLine[]} lines */
function usedOf(lines) {
  /** @type {Record<string, number>} */
  const used = {};
  for (const { cover } of lines)
    if (cover?.kind === "credit") used[cover.lot_id] = (used[cover.lot_id] ?? 0) + cover.uses;
  return used;
}

/** The version of a ticket that the server has never seen. */
export const LOCAL = "local";

/**
 * Answer as the server would; throws Problem for what waits for it.
 * @param {Verb} method
 * @param {string} path below the API
 * @param {any} body
 * @returns {Promise<any>}
 */
export async function answer(method, path, body) {
  const [address, query = ""] = path.split("?");
  const [, kind, id, more] = address.split("/");
  if (kind === "tickets" && !more) {
    if (method === "POST") {
      const fresh = { ticket_id: body.ticket_id, version: LOCAL, ...blankTicket };
      const made = await repriced(fresh, { ...emptyDraft(), ...body });
      tickets.set(made.ticket_id, made);
      return made;
    }
    const before = tickets.get(id) ?? (state.ticket?.ticket_id === id ? state.ticket : null);
    if (!before) throw refuse(t("This ticket waits for the server."), 404);
    const made = method === "PUT" ? await repriced(before, body) : before;
    tickets.set(id, made);
    return made;
  }
  if (kind === "tickets" && more === "drop") {
    tickets.delete(id);
    await noteCleared(id);
    return { dropped: id };
  }
  if (method === "POST" && kind === "sales" && !id) return ringUp(body);
  if (method === "GET" && kind === "search") return search(query);
  if (method === "GET" && kind === "clients" && id) return knownClient(id);
  if (method === "GET" && kind === "sales" && id && !more) throw refuse(t("This sale waits for the server."), 404);
  throw refuse(t("This waits until the server answers again. Cash sales go on."));
}
