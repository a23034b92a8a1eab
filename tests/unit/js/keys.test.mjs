import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { field, installPage, press } from "./page.mjs";

installPage();
const { wireKeys } = await import("../../../pos/static/js/register/keys.js");
const { set } = await import("../../../pos/static/js/register/state.js");
const { emptyDraft } = await import("../../../pos/static/js/register/cart_draft.js");

const opened = [];
const open = Object.fromEntries(
  ["park", "giftCode", "client", "tip", "discount", "keys"].map((name) => [name, () => opened.push(name)]),
);
const search = { input: { value: "" }, isEmpty: true, take: () => opened.push("search") };
const line = { line_id: "1", item_id: "massage", quantity: 1, therapist_id: null, credit: "auto", discount: null };
let now = 0;

/** Press one key after a pause; returns whether the page took it for itself. */
const type = (key, target) => {
  now += 10_000;
  return press(key, now, target);
};

wireKeys(search, open, () => {});

beforeEach(() => {
  opened.length = 0;
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

test("a letter is the beginning of a name, and the browser writes it into the search", () => {
  assert.equal(type("p"), false);
  assert.deepEqual(opened, ["search"]);
});

test("a letter with the modifier acts at once, from a field too", () => {
  assert.equal(type("Alt+p"), true);
  assert.equal(type("Alt+p", field), true);
  assert.deepEqual(opened, ["park", "park"]);
});

test("a letter that is no command is left to the browser", () => {
  assert.equal(type("Alt+z"), false);
  assert.deepEqual(opened, []);
});

test("the question mark shows the keys, the slash goes to the search", () => {
  assert.deepEqual([type("?"), type("/")], [true, true]);
  assert.deepEqual(opened, ["keys", "search"]);
});

test("the discount opens for those who may give one, and not for others", () => {
  type("Alt+d");
  set({ permissions: [] });
  type("Alt+d");
  assert.deepEqual(opened, ["discount"]);
});

test("the client's sheet opens where there is a client", () => {
  type("Alt+i");
  set({ client: { client_id: "ada", name: "Ada" } });
  type("Alt+i");
  assert.deepEqual(opened, ["client"]);
});

test("while a card is being paid no command changes the ticket, and letters still go to the search", () => {
  set({ payment: { order_id: "o", state: "pending" } });
  assert.equal(type("Alt+p"), true);
  type("p");
  assert.deepEqual(opened, ["search"]);
});

test("what is typed into another field stays there", () => {
  assert.equal(type("p", field), false);
  assert.deepEqual(opened, []);
});
