import assert from "node:assert/strict";
import { test } from "node:test";
import { installPage } from "./page.mjs";

installPage();
const load = (copy) => import(`../../../pos/static/js/register/pending_sale.js?${copy}`);

test("after a reload the page knows which sale it was making", async () => {
  (await load("before")).remember({ sale_id: "s1", how: "card" });
  assert.deepEqual((await load("after")).recall(), { sale_id: "s1", how: "card" });
});

test("once the sale is done nothing is remembered", async () => {
  const { recall, remember } = await load("done");
  remember({ sale_id: "s1", how: "cash" });
  remember(null);
  assert.equal(recall(), null);
});

test("a browser that refuses storage, or holds nonsense, stops nobody from selling", async () => {
  const { recall, remember } = await load("refused");
  sessionStorage.setItem("tenderpoint-sale", "{half");
  assert.equal(recall(), null);
  const kept = globalThis.sessionStorage;
  Object.defineProperty(globalThis, "sessionStorage", {
    configurable: true,
    get: () => {
      throw new Error("denied");
    },
  });
  remember({ sale_id: "s2", how: "cash" });
  assert.equal(recall(), null);
  Object.defineProperty(globalThis, "sessionStorage", { configurable: true, writable: true, value: kept });
});
