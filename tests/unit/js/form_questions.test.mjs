import assert from "node:assert/strict";
import { test } from "node:test";
import { FormQuestions } from "../../../pos/static/js/register/form_questions.js";

test("a form that is opened for the next one asks nothing more for the one before", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const form = /** @type {HTMLFormElement} */ ({});
  const asked = [];
  const before = new FormQuestions(form);
  const isLast = before.begin();
  before.soon(() => asked.push("before"), 250);
  const next = new FormQuestions(form);
  next.soon(() => asked.push("next"), 250);
  assert.equal(isLast(), false);
  context.mock.timers.tick(250);
  assert.deepEqual(asked, ["next"]);
});

test("of several questions of a form the last answer counts, and none after it gave up", () => {
  const questions = new FormQuestions(/** @type {HTMLFormElement} */ ({}));
  const first = questions.begin();
  const second = questions.begin();
  assert.deepEqual([first(), second()], [false, true]);
  questions.giveUp();
  assert.equal(second(), false);
});
