import assert from "node:assert/strict";
import { test } from "node:test";
import { Run } from "../../../pos/static/js/register/scan.js";

const typed = (text, gap) => {
  const run = new Run();
  let at = 0;
  for (const key of text) {
    run.add(key, at);
    at += gap;
  }
  return run.isScan(at);
};

test("a barcode at the speed of a scanner is a scan", () => {
  assert.ok(typed("4006381333931", 10));
  assert.ok(typed("GC-7F29-1183", 20));
});

test("a person who types is no scanner", () => {
  assert.ok(!typed("4006381333931", 120));
  assert.ok(!typed("Alexander", 10));
  assert.ok(!typed("12345", 10));
});

test("a telephone number pasted by a program is no barcode", () => {
  assert.ok(!typed("+41 44 668 18 00", 10));
});
