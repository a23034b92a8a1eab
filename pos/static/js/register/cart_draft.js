/**
 * What a desk asks for: the content of a ticket without prices, and the changes to it. Pure; every change is a new object.
 * A draft is {client_id, lines: [{line_id, item_id, quantity, therapist_id, credit, discount, gift, visit_conversion, part}], discount, tip, stored}; stored
 * is what pays before cash and card: [{kind, card_id, amount_minor}].
 */

/** @returns {Draft} */
export const emptyDraft = () => ({
  client_id: null,
  lines: [],
  discount: null,
  tip: null,
  stored: [],
  service_on: null,
  promo: null,
  service_charges: [],
});

/**
 * Whether nothing is asked for yet.
 * @param {Draft} draft
 */
export const isEmpty = (draft) => draft.lines.length === 0 && !draft.client_id;

const MOST_QUANTITY = 99;

/**
 * A line as it is put on a ticket.
 * @param {string} lineId
 * @param {string} itemId
 * @param {Partial<DraftLine>} [more]
 * @returns {DraftLine}
 */
const newLine = (lineId, itemId, more) => ({
  line_id: lineId,
  item_id: itemId,
  quantity: 1,
  therapist_id: null,
  credit: "auto",
  discount: null,
  ...more,
});

/**
 * Add an item. Goods and packages of the same kind count up; each treatment is a visit and gets its own line, by the
 * therapist of the line before. An add-on is for the person of the line before it.
 * @param {Draft} draft
 * @param {Item} item
 * @param {string} lineId
 * @returns {Draft}
 */
export function addItem(draft, item, lineId) {
  const same = draft.lines.find(
    (line) => line.item_id === item.item_id && !line.discount && !line.price && line.quantity < MOST_QUANTITY,
  );
  if (same && item.kind === "retail") return changeLine(draft, same.line_id, { quantity: same.quantity + 1 });
  const before = draft.lines.findLast((line) => line.therapist_id);
  const treats = item.kind === "variant" || item.kind === "add_on";
  const person = item.kind === "add_on" ? draft.lines.at(-1)?.person_id : null;
  const line = newLine(lineId, item.item_id, {
    therapist_id: treats ? (before?.therapist_id ?? null) : null,
    ...(person ? { person_id: person } : {}),
  });
  return { ...draft, lines: [...draft.lines, line] };
}

/**
 * Add a gift card; itemId is the one item gift cards are sold as.
 * @param {Draft} draft
 * @param {string} itemId
 * @param {Gift} gift
 * @param {string} lineId
 * @returns {Draft}
 */
export function addGift(draft, itemId, gift, lineId) {
  const line = newLine(lineId, itemId, { gift });
  return { ...draft, lines: [...draft.lines, line] };
}

/**
 * Add goods that are not in the catalogue; itemId is the one item they are sold as.
 * @param {Draft} draft
 * @param {string} itemId
 * @param {Partial<DraftLine> & {open_item: OpenItem}} typed
 * @param {string} lineId
 * @returns {Draft}
 */
export const addOpenItem = (draft, itemId, typed, lineId) => ({
  ...draft,
  lines: [...draft.lines, newLine(lineId, itemId, typed)],
});

/**
 * Pay a part of a package that was sold before; the same package again changes its amount.
 * @param {Draft} draft
 * @param {string} itemId
 * @param {Part} part
 * @param {string} lineId
 * @returns {Draft}
 */
export function addPart(draft, itemId, part, lineId) {
  const same = draft.lines.find((line) => line.part?.lot_id === part.lot_id);
  if (same) return changeLine(draft, same.line_id, { part });
  const line = newLine(lineId, itemId, { part });
  return { ...draft, lines: [...draft.lines, line] };
}

/**
 * Begin a ticket with a package whose first session is a visit that was paid.
 * @param {string} itemId
 * @param {Visit} visit
 * @param {string} clientId
 * @param {string} lineId
 * @returns {Draft}
 */
export function packageOfVisit(itemId, visit, clientId, lineId) {
  const line = newLine(lineId, itemId, { visit_conversion: visit });
  return { ...emptyDraft(), client_id: clientId, lines: [line] };
}

/**
 * Pay with a gift card or account credit, or no longer when it is there already.
 * @param {Draft} draft
 * @param {Stored} wish
 * @returns {Draft}
 */
export function toggleStored(draft, wish) {
  const rest = draft.stored.filter((one) => one.kind !== wish.kind || one.card_id !== wish.card_id);
  return { ...draft, stored: rest.length === draft.stored.length ? [...rest, wish] : rest };
}

/**
 * Change some values of one line.
 * @param {Draft} draft
 * @param {string} lineId
 * @param {Partial<DraftLine>} changes
 * @returns {Draft}
 */
export function changeLine(draft, lineId, changes) {
  return { ...draft, lines: draft.lines.map((line) => (line.line_id === lineId ? { ...line, ...changes } : line)) };
}

/**
 * Say who treats on a line, and on the add-ons that follow it and had the same therapist.
 * @param {Draft} draft
 * @param {string} lineId
 * @param {string | null} staffId
 * @param {(line: DraftLine) => boolean} isAddOn
 * @returns {Draft}
 */
export function setTherapist(draft, lineId, staffId, isAddOn) {
  const at = draft.lines.findIndex((line) => line.line_id === lineId);
  const before = draft.lines[at]?.therapist_id ?? null;
  const past = draft.lines.findIndex((line, index) => index > at && !isAddOn(line));
  const end = past === -1 ? draft.lines.length : past;
  return {
    ...draft,
    lines: draft.lines.map((line, index) =>
      index === at || (index > at && index < end && line.therapist_id === before)
        ? { ...line, therapist_id: staffId }
        : line,
    ),
  };
}

/**
 * Take a line off; a tip and a discount need something to be of.
 * @param {Draft} draft
 * @param {string} lineId
 * @returns {Draft}
 */
export function removeLine(draft, lineId) {
  const lines = draft.lines.filter((line) => line.line_id !== lineId);
  return lines.length
    ? { ...draft, lines }
    : { ...draft, lines, tip: null, discount: null, stored: [], service_on: null, promo: null, service_charges: [] };
}

/**
 * Put a line that was taken off back where it was, with what went along with the last line.
 * @param {Draft} draft
 * @param {Draft} before the ticket with the line
 * @param {string} lineId
 * @returns {Draft}
 */
export function putBack(draft, before, lineId) {
  const { lines, tip, discount, stored, service_on, promo, service_charges } = setClient(before, draft.client_id);
  const at = lines.findIndex((line) => line.line_id === lineId);
  if (at < 0 || draft.lines.some((line) => line.line_id === lineId)) return draft;
  const again = { ...draft, lines: draft.lines.toSpliced(at, 0, lines[at]) };
  return draft.lines.length ? again : { ...again, tip, discount, stored, service_on, promo, service_charges };
}

/**
 * Give a ticket to a client, or to nobody. What was chosen for the client before is taken off, as the server does too:
 * exemptions, credits and visits, parts of their packages, gift cards, account credit and a promo code.
 * @param {Draft} draft
 * @param {string | null} clientId
 * @returns {Draft}
 */
export function setClient(draft, clientId) {
  if (!draft.client_id || draft.client_id === clientId) return { ...draft, client_id: clientId };
  const lines = draft.lines
    .filter((line) => !line.part?.lot_id)
    .map((line) => {
      if (line.person_id && line.person_id === clientId) return forPerson(line, null);
      return line.person_id ? line : forPerson(withoutChoices(line), null);
    });
  const empty = lines.length ? {} : { discount: null, tip: null, service_on: null };
  return { ...draft, ...empty, client_id: clientId, lines, stored: [], promo: null };
}

/**
 * A line without what was chosen for the person it was for.
 * @param {DraftLine} line
 * @returns {DraftLine}
 */
function withoutChoices({ exemption: _, visit_conversion: __, ...line }) {
  return line.credit === "none" ? line : { ...line, credit: "auto" };
}

/**
 * @param {DraftLine} line
 * @param {string | null} personId
 * @returns {DraftLine}
 */
function forPerson({ person_id: _, ...line }, personId) {
  return personId ? { ...line, person_id: personId } : line;
}

/**
 * Say who a line is for: the client (null) or another person. What was chosen for the one before is taken off, as the server
 * does too.
 * @param {Draft} draft
 * @param {string} lineId
 * @param {string | null} personId
 * @returns {Draft}
 */
export function setPerson(draft, lineId, personId) {
  const next = personId === draft.client_id ? null : personId;
  const line = draft.lines.find((one) => one.line_id === lineId);
  if (!line || (line.person_id ?? null) === next) return draft;
  const lines = draft.lines.map((one) => (one === line ? forPerson(withoutChoices(line), next) : one));
  return { ...draft, lines };
}

/**
 * Let credits pay again where one was refused, or refuse them all when any is used.
 * @param {Draft} draft
 * @param {Set<string>} covered keys of the lines that a credit pays
 * @returns {Draft}
 */
export function toggleCredits(draft, covered) {
  const refused = draft.lines.some((line) => line.credit === "none");
  const lines = draft.lines.map((line) => {
    if (refused) return line.credit === "none" ? { ...line, credit: "auto" } : line;
    return covered.has(line.line_id) ? { ...line, credit: "none" } : line;
  });
  return { ...draft, lines };
}

/**
 * A tip of another size, for whom it was.
 * @param {Draft} draft
 * @param {Partial<Tip>} tip
 * @returns {Draft}
 */
export function setTip(draft, tip) {
  return { ...draft, tip: { percent: null, amount_minor: null, staff_id: draft.tip?.staff_id ?? null, ...tip } };
}

/**
 * The same percentage again takes the tip off.
 * @param {Draft} draft
 * @param {string} percent
 * @returns {Draft}
 */
export function toggleTip(draft, percent) {
  return draft.tip?.percent === percent ? { ...draft, tip: null } : setTip(draft, { percent });
}

/**
 * Put a service charge on the ticket, take it off for a reason, or leave it to its rule (null).
 * @param {Draft} draft
 * @param {string} key
 * @param {{charged: boolean, reason: string} | null} said
 * @returns {Draft}
 */
export function sayCharge(draft, key, said) {
  const others = (draft.service_charges ?? []).filter((one) => one.key !== key);
  return { ...draft, service_charges: said ? [...others, { key, ...said }] : others };
}

/**
 * Whether lines say whose the tip is.
 * @param {Draft} draft
 */
export const namesTherapist = (draft) => draft.lines.some((line) => line.therapist_id);

/**
 * Say that the visit was on the day before, or that it was today after all.
 * @param {Draft} draft
 * @param {string} day ISO date
 * @returns {Draft}
 */
export function toggleDay(draft, day) {
  return { ...draft, service_on: draft.service_on ? null : day };
}
