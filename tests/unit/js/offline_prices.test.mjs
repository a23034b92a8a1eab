import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { cashSuggestions } from "../../../pos/static/js/register/offline/cash_suggestions.js";
import { priced, sentLines, waitsForServer } from "../../../pos/static/js/register/offline/prices.js";

const cases = JSON.parse(readFileSync(new URL("offline_prices.json", import.meta.url), "utf8"));

const draftOf = (items, more = {}) => ({
  client_id: null,
  lines: items.map((item, at) => ({
    line_id: String(at),
    item_id: item.item_id,
    quantity: item.quantity ?? 1,
    therapist_id: null,
    credit: "auto",
    discount: null,
  })),
  discount: null,
  tip: null,
  stored: [],
  service_on: null,
  promo: null,
  ...more,
});
const exact = { step_minor: 1, halves_down: false };
const known = (items, more = {}) => ({
  itemOf: (id) => items.find((one) => one.item_id === id),
  place: { tax_inclusive: false, tax_method: "invoice", cash_rounding: exact },
  client: null,
  ...more,
});

test("what is charged without the server is what the server charges", () => {
  for (const { tax_inclusive, tax_method, tip_percent, lines, due_minor, tip_minor, ...more } of cases) {
    const items = lines.map((line, at) => ({ ...line, item_id: String(at), name: "x" }));
    const tip = { percent: tip_percent, amount_minor: null, staff_id: null };
    const service_charges = (more.chosen ?? []).map((key) => ({ key, charged: true, reason: "" }));
    const draft = draftOf(items, { tip, service_charges });
    const { charges, time_zone, cutoff_hour } = more;
    const place = { tax_inclusive, tax_method, cash_rounding: exact, time_zone, cutoff_hour, service_charges: charges };
    const { totals } = priced(draft, known(items, { place, at: more.at && new Date(more.at) }));
    assert.deepEqual([totals.due_minor, totals.tip_minor], [due_minor, tip_minor]);
  }
});

const visit = { item_id: "visit", kind: "variant", name: "Visit", price_minor: 10000, tax_percents: ["8", "0"] };
const oil = { item_id: "oil", kind: "add_on", name: "Oil", price_minor: 1200, tax_percents: ["8", "0"] };
const lot = (id, more = {}) => ({
  lot_id: id,
  name: id,
  remaining: 2,
  eligible: ["visit"],
  included: [],
  unpaid_minor: 0,
  ...more,
});

test("credits pay visits while there are any, and what is sent names exactly those", () => {
  const client = { client_id: "ana", lots: [lot("owed", { unpaid_minor: 100 }), lot("first", { remaining: 1 })] };
  const { lines, totals } = priced(draftOf([visit, visit]), known([visit], { client }));
  assert.deepEqual(
    lines.map((line) => [line.amount_minor, line.cover?.lot_id ?? null]),
    [
      [0, "first"],
      [10000, null],
    ],
  );
  assert.deepEqual([totals.due_minor, totals.credits_used], [10800, 1]);
  assert.deepEqual(
    sentLines(lines).map((line) => line.credit),
    ["first", "none"],
  );
});

test("an add-on that comes with a visit is free once for each credit, wherever it stands", () => {
  const client = { client_id: "ana", lots: [lot("first", { included: ["oil"] })] };
  const { lines, totals } = priced(draftOf([oil, visit, oil]), known([visit, oil], { client }));
  assert.deepEqual(
    lines.map((line) => line.amount_minor),
    [0, 0, 1200],
  );
  assert.equal(totals.due_minor, 1296);
  assert.deepEqual(
    sentLines(lines).map((line) => line.credit),
    ["auto", "first", "none"],
  );
});

test("what only the server can decide waits for it, in words", () => {
  const { itemOf } = known([visit]);
  const waits = (draft, therapists = []) => waitsForServer(draft, itemOf, therapists) !== null;
  const plain = draftOf([visit]);
  assert.equal(waits(plain), false);
  assert.equal(waits({ ...plain, discount: { percent: "5", amount_minor: null, reason: "" } }), true);
  assert.equal(waits({ ...plain, stored: [{ kind: "gift_card", card_id: "1", amount_minor: null }] }), true);
  assert.equal(waits({ ...plain, promo: "SPRING" }), true);
  assert.equal(waits({ ...plain, service_on: "2026-11-28" }), true);
  assert.equal(waits({ ...plain, lines: [{ ...plain.lines[0], item_id: "gone" }] }), true);
  const agreed = { amount_minor: 9000, reason: "Said on the phone" };
  assert.equal(waits({ ...plain, lines: [{ ...plain.lines[0], price: agreed }] }), true);
  const byMaster = { ...plain, lines: [{ ...plain.lines[0], therapist_id: "dana" }] };
  assert.equal(waits(byMaster, [{ staff_id: "dana", name: "Dana", tier: "Master" }]), true);
});

test("the sums that a client is likely to hand over come from the notes of the currency", () => {
  assert.deepEqual(
    cashSuggestions(12744, { note_steps: [100, 500, 1000, 2000, 5000, 10000] }),
    [12744, 12800, 13000, 14000],
  );
  assert.deepEqual(cashSuggestions(0, { note_steps: [100] }), []);
});

test("cash is rounded to the coins in use, and what is due is not", () => {
  const cash = (price_minor, cash_rounding) => {
    const goods = [{ ...visit, price_minor, tax_percents: ["0", "0"] }];
    const place = { tax_inclusive: false, tax_method: "invoice", cash_rounding };
    const { totals } = priced(draftOf(goods), known(goods, { place }));
    assert.equal(totals.due_minor, price_minor);
    return totals.cash_minor;
  };
  const five = { step_minor: 5, halves_down: false };
  assert.deepEqual(
    [1002, 1003, 1005].map((minor) => cash(minor, five)),
    [1000, 1005, 1005],
  );
  const down = { step_minor: 10, halves_down: true };
  assert.deepEqual(
    [1005, 1006].map((minor) => cash(minor, down)),
    [1000, 1010],
  );
  assert.equal(cash(1005, { step_minor: 10, halves_down: false }), 1010);
});
