/** A draft and the ticket that the server keeps of it: what it is told, and what is read back. Pure. */

import { namesTherapist } from "./cart_draft.js";

/**
 * A ticket that the server has not told of.
 * @type {Omit<Ticket, "ticket_id" | "version">}
 */
export const blankTicket = {
  state: "open",
  lines: [],
  totals: null,
  tip_choices: [],
  cash_suggestions: [],
  client: null,
  discount: null,
  tip: null,
  note: "",
};

/**
 * What the server is told. Where a line names a therapist, the tip goes by the lines and not by what was chosen before.
 * @param {Draft} draft
 * @returns {Draft}
 */
export function content(draft) {
  const tip =
    draft.tip && draft.lines.length
      ? {
          percent: null,
          amount_minor: null,
          .../** @type {Partial<Tip>} */ (draft.tip),
          staff_id: namesTherapist(draft) ? null : (draft.tip.staff_id ?? null),
        }
      : null;
  return {
    client_id: draft.client_id,
    lines: draft.lines,
    discount: draft.discount,
    tip,
    stored: draft.stored,
    service_on: draft.service_on ?? null,
    promo: draft.promo ?? null,
    service_charges: draft.service_charges ?? [],
  };
}

/**
 * The draft behind a ticket the server told of.
 * @param {Ticket} ticket
 * @returns {Draft}
 */
export function draftOf(ticket) {
  const lines = ticket.lines.map(
    ({
      line_id,
      item_id,
      quantity,
      therapist_id,
      credit,
      discount,
      price,
      open_item,
      gift,
      visit_conversion,
      exemption,
      part,
      person_id,
    }) => ({
      line_id,
      item_id,
      quantity,
      therapist_id,
      credit,
      discount: discount ?? null,
      ...(price ? { price } : {}),
      ...(open_item ? { open_item } : {}),
      ...(gift ? { gift } : {}),
      ...(visit_conversion ? { visit_conversion } : {}),
      ...(exemption ? { exemption } : {}),
      ...(part ? { part } : {}),
      ...(person_id ? { person_id } : {}),
    }),
  );
  const stored = (ticket.stored ?? [])
    .filter((one) => !one.is_visit)
    .map(({ kind, card_id, amount_minor, reference }) => ({
      kind,
      card_id,
      amount_minor,
      ...(reference ? { reference } : {}),
    }));
  return {
    client_id: ticket.client?.client_id ?? null,
    lines,
    discount: ticket.discount,
    tip: ticket.tip,
    stored,
    service_on: ticket.service_on ?? null,
    promo: ticket.promo?.code ?? null,
    service_charges: ticket.service_charges ?? [],
  };
}

/**
 * The value with sorted keys and decimals without trailing zeros, so that equal content has equal JSON.
 * @param {unknown} value
 * @returns {unknown}
 */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === "object") {
    const known = /** @type {Record<string, unknown>} */ (value);
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((key) => [key, plain(known[key])]),
    );
  }
  return typeof value === "string" && /^\d+\.\d*$/.test(value) ? String(Number(value)) : value;
}

/**
 * Whether two drafts ask for the same.
 * @param {Draft} one
 * @param {Draft} other
 */
export const sameContent = (one, other) =>
  JSON.stringify(plain(content(one))) === JSON.stringify(plain(content(other)));

/**
 * What can still be asked for of a ticket that could not be priced: items on sale, credits chosen anew.
 * @param {{client_id: string | null, content: Draft}} stuck
 * @param {(itemId: string) => boolean} isSold
 * @returns {Draft}
 */
export function mended({ client_id: clientId, content: kept }, isSold) {
  const lines = kept.lines
    .filter((line) => line.gift || line.open_item || (isSold(line.item_id) && !line.part?.lot_id))
    .map(({ visit_conversion: _, person_id: __, ...line }) => ({
      ...line,
      credit: line.credit === "none" ? "none" : "auto",
    }));
  return {
    client_id: clientId,
    lines,
    discount: lines.length ? kept.discount : null,
    tip: lines.length ? kept.tip : null,
    stored: [],
    service_on: null,
    promo: null,
  };
}
