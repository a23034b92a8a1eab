/** The lines as they are shown: what is asked for, with the server's prices where they are known. Pure over `state`. */
import { t } from "../messages.js";
import { itemOf } from "./state.js";

/**
 * @param {unknown} one
 * @param {unknown} other
 */
const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/**
 * What a line is called, also before the server has priced it.
 * @param {Pick<ShownLine, "priced" | "item" | "open_item" | "gift">} line
 */
export const lineName = ({ priced, item, open_item: open, gift }) =>
  priced?.name ?? item?.name ?? open?.name ?? (gift ? t("Gift card") : t("Line"));

/**
 * The draft's lines, each with its `item` and `priced`: the server's line, if it is about the same thing.
 * @param {Desk} desk
 * @returns {ShownLine[]}
 */
export function shownLines({ draft, ticket }) {
  const known = new Map((ticket?.lines ?? []).map((line) => [line.line_id, line]));
  return draft.lines.map((line) => {
    const found = known.get(line.line_id);
    const fits =
      found &&
      found.quantity === line.quantity &&
      found.credit === line.credit &&
      same(found.discount, line.discount) &&
      same(found.price, line.price) &&
      same(found.open_item, line.open_item) &&
      same(found.gift, line.gift) &&
      same(found.visit_conversion, line.visit_conversion) &&
      same(found.exemption, line.exemption) &&
      same(found.part, line.part) &&
      same(found.person_id, line.person_id);
    return { ...line, item: itemOf(line.item_id), priced: fits ? found : null };
  });
}

/**
 * The packages of the person that a line is for.
 * @param {Desk} desk
 * @param {string | null | undefined} personId
 */
export function lotsOf({ client, ticket }, personId) {
  const of = personId ? ticket?.persons?.find((one) => one.client_id === personId) : client;
  return of?.lots ?? [];
}

/**
 * What is to be paid before a credit that is good for an item can be used, where nothing else keeps it; or null.
 * @param {Desk} desk
 * @param {string} itemId
 * @param {string | null} [personId]
 */
export function waitsFor(desk, itemId, personId) {
  const waiting = lotsOf(desk, personId).filter((lot) => lot.unpaid_minor > 0 && lot.eligible.includes(itemId));
  return waiting.length ? Math.min(...waiting.map((lot) => lot.next_due_minor)) : null;
}

/**
 * Keys of the lines a package pays, wholly or in part.
 * @param {Desk} desk
 */
export function coveredLines({ ticket }) {
  return new Set((ticket?.lines ?? []).filter((line) => line.cover).map((line) => line.line_id));
}

// While a ticket is being paid its credits are held: what the client's packages say is without them already.
/** @param {Ticket | null} ticket */
const usedLines = (ticket) => (!ticket || ticket.state === "paying" ? [] : ticket.lines);

/**
 * Credits the client has beyond those this ticket uses.
 * @param {Desk} desk
 * @returns {Map<string, number>} by item
 */
export function freeCredits({ client, ticket }) {
  const used = new Map();
  for (const { cover } of usedLines(ticket)) {
    if (cover?.kind === "credit") used.set(cover.lot_id, (used.get(cover.lot_id) ?? 0) + cover.uses);
  }
  const free = new Map();
  for (const lot of client?.lots ?? []) {
    const left = lot.remaining - (used.get(lot.lot_id) ?? 0);
    if (left > 0) for (const item of lot.eligible) free.set(item, (free.get(item) ?? 0) + left);
  }
  return free;
}

/**
 * Add-ons that come free with the visits of this ticket and are not on it yet: their items.
 * @param {Desk} desk
 * @returns {Set<string>}
 */
export function freeAddOns({ client, ticket }) {
  const lines = usedLines(ticket);
  const free = new Map();
  for (const lot of client?.lots ?? []) {
    const uses = lines
      .filter(({ cover }) => cover?.kind === "credit" && cover.lot_id === lot.lot_id)
      .reduce((total, { cover }) => total + (cover?.uses ?? 0), 0);
    for (const item of uses ? lot.included : []) free.set(item, (free.get(item) ?? 0) + uses);
  }
  for (const { item_id: item, cover } of lines)
    if (cover?.kind === "included") free.set(item, (free.get(item) ?? 0) - cover.uses);
  return new Set([...free].filter(([, left]) => left > 0).map(([item]) => item));
}

/**
 * What remains of the package behind a line once the ticket is paid, or null.
 * @param {Desk} desk
 * @param {string} lotId
 */
export function leftAfter({ client, ticket }, lotId) {
  const every = [client, ...(ticket?.persons ?? [])].flatMap((one) => one?.lots ?? []);
  const lot = every.find((one) => one.lot_id === lotId);
  if (!lot) return null;
  const used = usedLines(ticket).filter((line) => line.cover?.kind === "credit" && line.cover.lot_id === lotId);
  return lot.remaining - used.reduce((total, line) => total + (line.cover?.uses ?? 0), 0);
}
