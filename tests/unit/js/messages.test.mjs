import assert from "node:assert/strict";
import { test } from "node:test";
import { n, t, withNodes } from "../../../pos/static/js/messages.js";

const load = async (catalogue) => {
  globalThis.document = { getElementById: () => ({ textContent: JSON.stringify(catalogue) }) };
  const module = await import(`../../../pos/static/js/messages.js?${catalogue.locale}`);
  delete globalThis.document;
  return module;
};

test("without a catalogue the English text is said, with its values", () => {
  assert.equal(t("Due {amount}", { amount: "$5.00" }), "Due $5.00");
  assert.equal(t("{left} of {left}", { left: 0 }), "0 of 0");
  assert.equal(n("{count} credit", "{count} credits", 1), "1 credit");
  assert.equal(n("{count} credit", "{count} credits", 0), "0 credits");
});

test("a value that looks like a place is not filled again", () => {
  assert.equal(t("{name} owes {amount}", { name: "{amount}", amount: "$1" }), "{amount} owes $1");
});

test("a language of three plural forms gets the right one", async () => {
  const polish = await load({
    locale: "pl",
    messages: { "Due {amount}": "Do zapłaty {amount}" },
    plurals: { "{count} credit": { one: "{count} kredyt", few: "{count} kredyty", many: "{count} kredytów" } },
  });
  const counted = [1, 3, 5, 22].map((count) => polish.n("{count} credit", "{count} credits", count));
  assert.deepEqual(counted, ["1 kredyt", "3 kredyty", "5 kredytów", "22 kredyty"]);
  assert.equal(polish.t("Due {amount}", { amount: "5 zł" }), "Do zapłaty 5 zł");
  assert.equal(polish.t("Walk-in"), "Walk-in");
});

test("an element stands where its place stands, in the order of the language", () => {
  const node = { nodeType: 1 };
  assert.deepEqual(withNodes("Take {amount} by card", { amount: node }), ["Take ", node, " by card"]);
  assert.deepEqual(withNodes("{amount} per Karte", { amount: node }), [node, " per Karte"]);
});
