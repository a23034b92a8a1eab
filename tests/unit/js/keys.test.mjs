import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { field, installPage, press } from "./page.mjs";

installPage();
const { wireKeys } = await import("../../../pos/static/js/register/keys.js");
const { set } = await import("../../../pos/static/js/register/state.js");
const { emptyDraft } = await import("../../../pos/static/js/register/cart_draft.js");

const opened = [];
const open = Object.fromEntries(
  ["park", "giftCode", "client", "tip", "discount", "keys"].map((name) => [name, () => opened.push(name)]),
);
const search = {
  input: { value: "" },
  isEmpty: true,
  take: (text = "") => {
    search.input.value = text;
    opened.push(`search:${text}`);
  },
};
const line = { line_id: "1", item_id: "massage", quantity: 1, therapist_id: null, credit: "auto", discount: null };
let now = 0;

/** Press keys one after another, `gap` milliseconds apart, after a pause. */
const type = (keys, gap = 100) => {
  now += 10_000;
  for (const key of keys) {
    press(key, now);
    now += gap;
    mock.timers.tick(gap);
  }
};

wireKeys(search, open);

beforeEach(() => {
  opened.length = 0;
  search.input.value = "";
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  set({
    phase: "ready",
    draft: { ...emptyDraft(), lines: [line] },
    mode: "pick",
    payment: null,
    paid: null,
    ringing: false,
  });
  set({ permissions: ["discount"], client: null });
});

test("a key that stands alone acts, once it is known to stand alone", () => {
  type(["p"]);
  assert.deepEqual(opened, []);
  mock.timers.tick(400);
  assert.deepEqual(opened, ["park"]);
});

test("a name that begins with a key is a name", () => {
  type(["P", "a", "t"]);
  mock.timers.tick(1000);
  assert.ok(!opened.includes("park"), opened.join());
  assert.equal(search.input.value, "Pat");
});

test("on an empty ticket every letter is the beginning of a name", () => {
  set({ draft: emptyDraft() });
  type(["p"]);
  mock.timers.tick(1000);
  assert.deepEqual(opened, ["search:p"]);
});

test("the question mark shows the keys, the slash goes to the search", () => {
  type(["?"]);
  type(["/"]);
  assert.deepEqual(opened, ["keys", "search:"]);
});

test("D opens the discount for those who may give one, and nothing for others", () => {
  type(["d"]);
  mock.timers.tick(400);
  assert.deepEqual(opened, ["discount"]);
  set({ permissions: [] });
  type(["d"]);
  mock.timers.tick(400);
  assert.deepEqual(opened, ["discount"]);
});

test("I opens the client's sheet where there is a client", () => {
  set({ client: { client_id: "ada", name: "Ada" } });
  type(["i"]);
  mock.timers.tick(400);
  assert.deepEqual(opened, ["client"]);
});

test("while a card is being paid no key changes the ticket", () => {
  set({ payment: { order_id: "o", state: "pending" } });
  type(["p"]);
  mock.timers.tick(1000);
  assert.deepEqual(opened, []);
});

test("a key waits for nobody who has begun to pay meanwhile", () => {
  type(["p"]);
  set({ payment: { order_id: "o", state: "pending" } });
  mock.timers.tick(1000);
  assert.deepEqual(opened, []);
});

test("what is typed into another field stays there", () => {
  now += 10_000;
  assert.equal(press("p", now, field), false);
  mock.timers.tick(1000);
  assert.deepEqual(opened, []);
});
