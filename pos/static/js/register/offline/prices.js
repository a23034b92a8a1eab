/**
 * Pricing without the server, in minor units: list prices, credits of a client who is known, tax and tip. It covers what a desk may
 * sell then, and comes to the same as `pos/domain/sales/pricing.py`; tests/unit/js/offline_prices.json holds both to it. Pure.
 */

import { t } from "../../messages.js";
import { chargesOf } from "./service_charges.js";

/** A percentage as thousandths: "8.875" is 8875n. @param {string} percent */
function thousandths(percent) {
  const [whole, part = ""] = percent.split(".");
  return BigInt(whole) * 1000n + BigInt(part.padEnd(3, "0").slice(0, 3));
}

/**
 * A percentage of an amount, rounded half up.
 * @param {number} minor
 * @param {string} percent
 */
export function percentOf(minor, percent) {
  return Number((BigInt(minor) * thousandths(percent) * 2n + 100_000n) / 200_000n);
}

/**
 * The cash that settles an amount, as pos/domain/locations/cash_rounding.py has it.
 * @param {number} minor
 * @param {Place["cash_rounding"]} rounding
 */
function inCash(minor, { step_minor: step, halves_down: down }) {
  const rest = minor % step;
  const goesUp = rest * 2 > step || (rest * 2 === step && !down);
  return minor - rest + (goesUp ? step : 0);
}

/**
 * The taxes on top of prices: each of both by its rate, rounded once for the invoice or line by line.
 * @param {{amount: number, percents: string[]}[]} lines
 * @param {Place} place
 * @returns {Totals["taxes"]} a row for each rate
 */
function taxesOf(lines, { tax_method: method, tax_names: names = [] }) {
  const rows = [];
  for (const number of [0, 1]) {
    for (const percent of new Set(lines.map(({ percents }) => percents[number] ?? "0"))) {
      const amounts = lines.filter(({ percents }) => (percents[number] ?? "0") === percent).map(({ amount }) => amount);
      const net = amounts.reduce((sum, one) => sum + one, 0);
      const parts = method === "line" ? amounts : [net];
      const tax = parts.reduce((sum, one) => sum + percentOf(one, percent), 0);
      rows.push({ name: names[number] ?? "", percent, net_minor: net, tax_minor: tax });
    }
  }
  return rows;
}

/**
 * What of a draft waits for the server, as a sentence; null where all of it can be sold without.
 * @param {Draft} draft
 * @param {(itemId: string) => Item | undefined} itemOf
 * @param {Therapist[]} therapists
 */
export function waitsForServer(draft, itemOf, therapists) {
  if (draft.discount || draft.promo || draft.lines.some((line) => line.discount))
    return t("A discount waits for the server.");
  if (draft.service_charges?.some((one) => !one.charged)) return t("Taking a service charge off waits for the server.");
  if (draft.stored.length) return t("Gift cards and account credit wait for the server.");
  if (draft.service_on) return t("A visit of another day waits for the server.");
  for (const line of draft.lines) {
    if (line.price) return t("A price that was agreed waits for the server.");
    if (line.open_item) return t("An open item waits for the server.");
    const item = itemOf(line.item_id);
    if (!item || line.gift || line.part || line.visit_conversion || line.exemption)
      return t("Gift cards, parts of packages and tax exemptions wait for the server.");
    if (line.person_id) return t("A line for another person waits for the server.");
    const tier = therapists.find((one) => one.staff_id === line.therapist_id)?.tier;
    if (tier && item.kind === "variant") return t("Visits by therapists who cost more wait for the server.");
  }
  return null;
}

/**
 * The credits of a client, taken line by line: of the package that the server named first, which ends first.
 * @param {Lot[]} lots
 */
function creditsOf(lots) {
  /** @type {Map<string, number>} */
  const used = new Map();
  const usable = lots.filter((lot) => !lot.unpaid_minor);
  /**
   * @param {DraftLine} line
   * @param {(lot: Lot) => boolean} fits
   * @param {(lot: Lot) => {key: string, free: number}} count
   */
  const take = (line, fits, count) => {
    for (const lot of usable.filter(fits)) {
      const { key, free } = count(lot);
      const uses = Math.min(line.quantity, free - (used.get(key) ?? 0));
      if (uses <= 0) continue;
      used.set(key, (used.get(key) ?? 0) + uses);
      return { lot, uses };
    }
    return null;
  };
  return {
    /** @param {DraftLine} line */
    credit: (line) =>
      take(
        line,
        (lot) => lot.eligible.includes(line.item_id),
        (lot) => ({ key: lot.lot_id, free: lot.remaining }),
      ),
    /** @param {DraftLine} line an add-on, free with each visit that a credit of the package pays */
    included: (line) =>
      take(
        line,
        (lot) => lot.included.includes(line.item_id),
        (lot) => ({ key: `${lot.lot_id} ${line.item_id}`, free: used.get(lot.lot_id) ?? 0 }),
      ),
  };
}

/**
 * A draft priced as the server would, in the shape of its tickets.
 * @param {Draft} draft
 * @param {{itemOf: (itemId: string) => Item | undefined, place: Place, client: Client | null, at?: Date}} known `at` is when
 *   service charges are judged
 * @returns {Pick<Ticket, "lines" | "totals" | "tip_choices" | "needs_client" | "charges">}
 */
export function priced(draft, { itemOf, place, client, at = new Date() }) {
  const held = creditsOf(client?.lots ?? []);
  /** @type {Map<string, Cover>} */
  const covers = new Map();
  // Credits first: an add-on comes free with a visit that a credit pays, wherever it stands on the ticket.
  for (const kind of ["variant", "add_on"]) {
    for (const line of draft.lines) {
      if (line.credit === "none" || itemOf(line.item_id)?.kind !== kind) continue;
      const paid = kind === "variant" ? held.credit(line) : held.included(line);
      if (paid)
        covers.set(line.line_id, {
          kind: kind === "variant" ? "credit" : "included",
          lot_id: paid.lot.lot_id,
          package: paid.lot.name,
          uses: paid.uses,
          upgrade_minor: 0,
          surcharge: false,
        });
    }
  }
  const lines = draft.lines.map((line) => {
    const item = /** @type {Item} */ (itemOf(line.item_id));
    const cover = covers.get(line.line_id) ?? null;
    const list = item.price_minor * line.quantity;
    return { line, item, cover, list, amount: list - (cover?.uses ?? 0) * item.price_minor };
  });
  const charges = chargesOf(
    lines.map(({ item, list, amount, cover }) => ({ kind: item.kind, list, amount, cover })),
    { rules: place.service_charges ?? [], said: draft.service_charges ?? [], at, place },
    percentOf,
  );
  const extra = charges
    .filter((one) => one.charged)
    .map((one) => ({ amount: one.amount_minor ?? 0, percents: one.tax_percents }));
  const added = extra.reduce((total, one) => total + one.amount, 0);
  const sum = lines.reduce((total, one) => total + one.amount, added);
  const taxed = [...lines.map(({ amount, item }) => ({ amount, percents: item.tax_percents ?? [] })), ...extra];
  // A price that includes its tax is what is due; how much tax is in it stands on the receipt.
  const taxes = place.tax_inclusive ? [] : taxesOf(taxed, place);
  const total = taxes.reduce((found, one) => found + one.tax_minor, sum);
  const base = lines
    .filter(({ item }) => item.kind === "variant" || item.kind === "add_on")
    .reduce((found, one) => found + one.list, 0);
  const tip = draft.tip ? (draft.tip.amount_minor ?? percentOf(base, draft.tip.percent ?? "0")) : 0;
  return {
    lines: lines.map(({ line, item, cover, amount }) => ({
      ...line,
      name: item.name,
      price_minor: item.price_minor,
      amount_minor: amount,
      units: line.quantity,
      exempt_units: 0,
      cover,
    })),
    totals: {
      list_minor: lines.reduce((found, one) => found + one.list, added),
      covered_minor: lines.reduce((found, one) => found + one.list - one.amount, 0),
      due_minor: total + tip,
      rest_minor: total + tip,
      cash_minor: inCash(total + tip, place.cash_rounding),
      stored_minor: 0,
      discount_minor: 0,
      tip_minor: tip,
      tip_base_minor: base,
      credits_used: lines.reduce((found, { cover }) => found + (cover?.kind === "credit" ? cover.uses : 0), 0),
      taxes,
    },
    tip_choices: ["10", "15", "20"].map((percent) => ({ percent, amount_minor: percentOf(base, percent) })),
    charges,
    needs_client: !client && lines.some(({ item }) => item.kind === "package"),
  };
}

/**
 * The lines as they are sent afterwards: with exactly the credits that were shown, so that the server takes no others.
 * @param {TicketLine[]} lines
 * @returns {DraftLine[]}
 */
export const sentLines = (lines) =>
  lines.map(({ line_id, item_id, quantity, therapist_id, discount, cover }) => ({
    line_id,
    item_id,
    quantity,
    therapist_id,
    discount,
    credit: cover ? (cover.kind === "credit" ? cover.lot_id : "auto") : "none",
  }));
