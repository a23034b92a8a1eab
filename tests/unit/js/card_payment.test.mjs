import assert from "node:assert/strict";
import { test } from "node:test";
import { installPage } from "./page.mjs";

installPage();
const { pace } = await import("../../../pos/static/js/register/card_payment.js");

test("a payment is asked about each second for twenty seconds, then each two, and after sixty questions each five", () => {
  assert.deepEqual(
    [0, 19, 20, 59, 60].map((times) => pace("pending", times)),
    [1000, 1000, 2000, 2000, 5000],
  );
});

test("a declined payment, where somebody has to press a key, is asked about each five seconds", () => {
  assert.equal(pace("declined", 0), 5000);
});
