import assert from "node:assert/strict";
import { test } from "node:test";
import { installPage } from "./page.mjs";

installPage();
const { answerHere, insist } = await import("../../../pos/static/js/register/api_client.js");

test("what pauses before its next try goes on at once when this browser answers", async () => {
  globalThis.fetch = async () => {
    throw new TypeError("the line is down");
  };
  /** @type {(() => void)[]} */
  const doubts = [];
  const doubted = new Promise((done) => doubts.push(done));
  const asked = insist("PUT", "/tickets/1", {}, { waits: [60_000], onDoubt: () => doubts[0]() });
  await doubted;
  await new Promise((done) => setImmediate(done));
  answerHere(async () => ({ here: true }));
  assert.deepEqual(await asked, { here: true });
  answerHere(null);
});
