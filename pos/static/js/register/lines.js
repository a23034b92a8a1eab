/** The lines as they are shown: what is asked for, with the server's prices where they are known. Pure over `state`. */
import { itemOf } from "./state.js";

const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/** The draft's lines, each with `item`, `priced` (the server's line, if it is about the same thing) and `position`. */
export function shownLines({ draft, ticket }) {
  const known = new Map((ticket?.lines ?? []).map((line) => [line.line_id, line]));
  return draft.lines.map((line) => {
    const found = known.get(line.line_id);
    const fits = found && found.quantity === line.quantity && found.credit === line.credit && same(found.discount, line.discount) && same(found.gift, line.gift) && same(found.look_back, line.look_back) && same(found.exemption, line.exemption);
    return { ...line, item: itemOf(line.item_id), priced: fits ? found : null };
  });
}

/** Keys of the lines a package pays, wholly or in part. */
export function coveredLines({ ticket }) {
  return new Set((ticket?.lines ?? []).filter((line) => line.cover).map((line) => line.line_id));
}

// While a ticket is being paid its credits are held: what the client's packages say is without them already.
const usedLines = (ticket) => (!ticket || ticket.state === "paying" ? [] : ticket.lines);

/** Credits the client has beyond those this ticket uses: item → count. */
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

/** What remains of the package behind a line once the ticket is paid, or null. */
export function leftAfter({ client, ticket }, lotId) {
  const lot = client?.lots?.find((one) => one.lot_id === lotId);
  if (!lot) return null;
  const used = usedLines(ticket).filter((line) => line.cover?.kind === "credit" && line.cover.lot_id === lotId);
  return lot.remaining - used.reduce((total, line) => total + line.cover.uses, 0);
}
