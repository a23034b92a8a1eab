import assert from "node:assert/strict";
import { test } from "node:test";
import {
  coveredLines,
  freeAddOns,
  freeCredits,
  leftAfter,
  shownLines,
  waitsFor,
} from "../../../pos/static/js/register/lines.js";

const asked = { line_id: "1", item_id: "massage", quantity: 1, credit: "auto", discount: null };
const credit = { kind: "credit", lot_id: "lot", uses: 1 };
const lot = {
  lot_id: "lot",
  remaining: 3,
  eligible: ["massage"],
  included: ["hot-stones"],
  unpaid_minor: 0,
  next_due_minor: 0,
};
const ticket = { state: "open", lines: [{ ...asked, name: "Massage", amount_minor: 0, cover: credit }] };

test("a line shows the server's price as long as it is about the same thing", () => {
  const [line] = shownLines({ draft: { lines: [asked] }, ticket });
  assert.equal(line.priced.name, "Massage");
  for (const change of [
    { quantity: 2 },
    { credit: "none" },
    { discount: { percent: "10", amount_minor: null, reason: "x" } },
  ]) {
    assert.equal(shownLines({ draft: { lines: [{ ...asked, ...change }] }, ticket })[0].priced, null);
  }
});

test("a line the server does not know yet has no price", () => {
  assert.equal(shownLines({ draft: { lines: [asked] }, ticket: null })[0].priced, null);
});

test("credits on the ticket are not offered twice", () => {
  assert.deepEqual([...freeCredits({ client: { lots: [lot] }, ticket })], [["massage", 2]]);
  assert.deepEqual([...freeCredits({ client: { lots: [{ ...lot, remaining: 1 }] }, ticket })], []);
  assert.deepEqual([...freeCredits({ client: null, ticket })], []);
});

test("while a card payment holds the credit it is counted once", () => {
  assert.equal(leftAfter({ client: { lots: [lot] }, ticket }, "lot"), 2);
  assert.equal(
    leftAfter({ client: { lots: [{ ...lot, remaining: 2 }] }, ticket: { ...ticket, state: "paying" } }, "lot"),
    2,
  );
  assert.equal(leftAfter({ client: { lots: [] }, ticket }, "lot"), null);
});

test("an add-on that comes with the visit is free once", () => {
  assert.deepEqual([...freeAddOns({ client: { lots: [lot] }, ticket })], ["hot-stones"]);
  const stones = { line_id: "2", item_id: "hot-stones", cover: { kind: "included", uses: 1 } };
  assert.deepEqual(
    [...freeAddOns({ client: { lots: [lot] }, ticket: { ...ticket, lines: [...ticket.lines, stones] } })],
    [],
  );
  assert.deepEqual([...freeAddOns({ client: { lots: [lot] }, ticket: { ...ticket, lines: [] } })], []);
});

test("the lines that a package pays are known by their keys", () => {
  const sold = { line_id: "2", item_id: "oil", cover: null };
  assert.deepEqual([...coveredLines({ ticket: { ...ticket, lines: [...ticket.lines, sold] } })], ["1"]);
  assert.equal(coveredLines({ ticket: null }).size, 0);
});

test("of two packages with an instalment due, the smaller one is named", () => {
  const owing = { ...lot, unpaid_minor: 20000, next_due_minor: 8000 };
  const client = { lots: [owing, { ...owing, lot_id: "b", next_due_minor: 5000 }] };
  assert.equal(waitsFor({ client }, "massage"), 5000);
  assert.equal(waitsFor({ client }, "facial"), null);
  assert.equal(waitsFor({ client: { lots: [lot] } }, "massage"), null);
});
