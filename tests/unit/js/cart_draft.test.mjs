import assert from "node:assert/strict";
import { test } from "node:test";
import * as content from "../../../pos/static/js/register/cart_content.js";
import * as draft from "../../../pos/static/js/register/cart_draft.js";

const oil = { item_id: "oil", kind: "retail" };
const massage = { item_id: "massage", kind: "variant" };
const tenVisits = { item_id: "ten", kind: "package" };
const add = (...items) =>
  items.reduce((now, item, at) => draft.addItem(now, item, `line-${at + 1}`), draft.emptyDraft());
const quantities = (now) => now.lines.map((line) => [line.item_id, line.quantity]);

test("the same goods twice are one line of two; two treatments are two lines", () => {
  assert.deepEqual(quantities(add(oil, oil)), [["oil", 2]]);
  assert.deepEqual(quantities(add(massage, massage)), [
    ["massage", 1],
    ["massage", 1],
  ]);
});

test("goods with a discount do not share it with one more of them", () => {
  const cut = draft.changeLine(add(oil), "line-1", {
    discount: { percent: "10", amount_minor: null, reason: "dented" },
  });
  assert.deepEqual(quantities(draft.addItem(cut, oil, "line-2")), [
    ["oil", 1],
    ["oil", 1],
  ]);
});

test("ninety-nine is the most on one line", () => {
  const full = draft.changeLine(add(oil), "line-1", { quantity: 99 });
  assert.deepEqual(quantities(draft.addItem(full, oil, "line-2")), [
    ["oil", 99],
    ["oil", 1],
  ]);
});

test("the next treatment is by the therapist of the one before; goods are by nobody", () => {
  const named = draft.changeLine(add(massage), "line-1", { therapist_id: "jo" });
  assert.equal(draft.addItem(named, massage, "line-2").lines[1].therapist_id, "jo");
  assert.equal(draft.addItem(named, oil, "line-2").lines[1].therapist_id, null);
});

test("the last line taken off leaves no tip, discount, code or gift card behind", () => {
  const reduced = { percent: "5", amount_minor: null, reason: "loyal" };
  const card = { kind: "gift_card", card_id: "card", amount_minor: null };
  let now = { ...add(massage), discount: reduced, promo: "SPRING" };
  now = draft.toggleStored(draft.setTip(now, { percent: "15" }), card);
  const left = draft.removeLine(now, "line-1");
  assert.deepEqual(left, draft.emptyDraft());
  assert.equal(draft.removeLine(draft.addItem(now, oil, "line-2"), "line-1").promo, "SPRING");
});

test("another client does not get the credits, cards and code of the one before", () => {
  let now = draft.setClient(add(massage, oil), "ada");
  now = draft.changeLine(now, "line-1", {
    credit: "lot-of-ada",
    exemption: { reason: "prescription", reference: "17" },
  });
  now = { ...draft.toggleStored(now, { kind: "account_credit", card_id: null, amount_minor: null }), promo: "SPRING" };
  const other = draft.setClient(now, "ben");
  assert.deepEqual(
    other.lines.map((line) => [line.credit, "exemption" in line]),
    [
      ["auto", false],
      ["auto", false],
    ],
  );
  assert.deepEqual([other.client_id, other.stored, other.promo], ["ben", [], null]);
  assert.deepEqual(draft.setClient(now, "ada"), now);
});

test("an instalment of a package leaves with the client who owes it", () => {
  const now = draft.addPart(
    draft.setClient(draft.emptyDraft(), "ada"),
    "ten",
    { amount_minor: 5000, lot_id: "lot" },
    "line-1",
  );
  assert.deepEqual(draft.setClient(now, "ben").lines, []);
});

test("an instalment chosen again changes its amount", () => {
  const once = draft.addPart(draft.emptyDraft(), "ten", { amount_minor: 5000, lot_id: "lot" }, "line-1");
  const twice = draft.addPart(once, "ten", { amount_minor: 7000, lot_id: "lot" }, "line-2");
  assert.deepEqual(
    twice.lines.map((line) => line.part.amount_minor),
    [7000],
  );
});

test("credits are refused and used again with the same key", () => {
  const now = add(massage, massage, oil);
  const refused = draft.toggleCredits(now, new Set(["line-1", "line-2"]));
  assert.deepEqual(
    refused.lines.map((line) => line.credit),
    ["none", "none", "auto"],
  );
  assert.deepEqual(draft.toggleCredits(refused, new Set()), now);
});

test("the same tip again takes it off; another keeps whom it is for", () => {
  const tipped = draft.toggleTip(add(massage), "15");
  assert.equal(draft.toggleTip(tipped, "15").tip, null);
  const forJo = draft.setTip(tipped, { percent: "15", staff_id: "jo" });
  assert.deepEqual(draft.toggleTip(forJo, "20").tip, { percent: "20", amount_minor: null, staff_id: "jo" });
});

test("a tip goes by the therapists of the lines where they are named", () => {
  const forJo = draft.setTip(add(massage), { percent: "15", staff_id: "jo" });
  assert.equal(content.content(forJo).tip.staff_id, "jo");
  assert.equal(content.content(draft.changeLine(forJo, "line-1", { therapist_id: "kim" })).tip.staff_id, null);
});

test("a ticket that comes back from the server is the draft that was sent", () => {
  const asked = draft.toggleTip(draft.setClient(add(massage, oil, tenVisits), "ada"), "15");
  const ticket = {
    ...content.content(asked),
    client: { client_id: "ada" },
    tip: { percent: "15.000", amount_minor: null, staff_id: null },
  };
  assert.ok(content.sameContent(content.draftOf(ticket), asked));
  assert.ok(!content.sameContent(content.draftOf(ticket), draft.toggleTip(asked, "20")));
});

test("what cannot be priced any more comes back without items off sale and spent credits", () => {
  const kept = draft.changeLine(add(massage, oil), "line-1", { credit: "spent-lot" });
  const left = content.mended({ client_id: "ada", content: kept }, (itemId) => itemId === "massage");
  assert.deepEqual(quantities(left), [["massage", 1]]);
  assert.equal(left.lines[0].credit, "auto");
});

test("no change touches the draft it starts from", () => {
  const before = add(massage, oil);
  const seen = structuredClone(before);
  draft.removeLine(draft.toggleTip(draft.setClient(draft.addItem(before, oil, "x"), "ada"), "15"), "line-1");
  assert.deepEqual(before, seen);
});

test("a line that was taken off is put back where it was, with what went along with the last one", () => {
  const before = { ...draft.emptyDraft(), lines: [{ line_id: "1" }, { line_id: "2" }], tip: { percent: "20" } };
  const without = draft.removeLine(before, "1");
  assert.deepEqual(draft.putBack(without, before, "1"), before);
  const empty = draft.removeLine(without, "2");
  assert.equal(empty.tip, null);
  assert.deepEqual(draft.putBack(empty, without, "2"), without);
  assert.equal(draft.putBack(before, before, "1"), before);
});

test("a line given to another person leaves behind what was chosen for the one before", () => {
  const now = draft.changeLine({ ...add(massage, massage), client_id: "ana" }, "line-1", {
    credit: "lot",
    exemption: { reason: "prescription", reference: "7", count: null },
    therapist_id: "theo",
  });
  const [his, hers] = draft.setPerson(now, "line-1", "ben").lines;
  assert.deepEqual([his.person_id, his.credit, his.exemption, his.therapist_id], ["ben", "auto", undefined, "theo"]);
  assert.equal(hers.person_id, undefined);
  // The client needs no naming, and the same person again changes nothing.
  const back = draft.setPerson(draft.setPerson(now, "line-1", "ben"), "line-1", "ana");
  assert.equal("person_id" in back.lines[0], false);
  assert.equal(draft.setPerson(now, "line-2", null), now);
});

test("a ticket given to another client keeps what is for another person, and an add-on follows the line before it", () => {
  const two = draft.setPerson({ ...add(massage, massage), client_id: "ana" }, "line-2", "ben");
  const chosen = draft.changeLine(two, "line-2", { credit: "lot" });
  assert.deepEqual(
    draft.setClient(chosen, "eva").lines.map((line) => [line.person_id, line.credit]),
    [
      [undefined, "auto"],
      ["ben", "lot"],
    ],
  );
  assert.equal("person_id" in draft.setClient(chosen, "ben").lines[1], false);
  const oils = draft.addItem(chosen, { item_id: "aroma", kind: "add_on" }, "line-3");
  assert.equal(oils.lines[2].person_id, "ben");
  assert.equal(draft.addItem(oils, massage, "line-4").lines[3].person_id, undefined);
});
