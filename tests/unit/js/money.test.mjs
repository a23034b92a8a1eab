import assert from "node:assert/strict";
import { test } from "node:test";
import { decimalText, moneyText, parseAmount } from "../../../pos/static/js/money.js";
import { dollars, euros, rupees, yen } from "./places.mjs";

const written = (minor, place) => moneyText(minor, place.exponent, place.money_pattern);

test("an amount is written as the place writes it", () => {
  assert.equal(written(123450, dollars), "$1,234.50");
  assert.equal(written(123450, euros), "1.234,50 €");
  assert.equal(written(123450, yen), "¥123,450");
  assert.equal(written(123456789, rupees), "₹12,34,567.89");
});

test("less than one unit keeps its zero, and nothing owed is zero", () => {
  assert.equal(written(5, dollars), "$0.05");
  assert.equal(written(0, dollars), "$0.00");
  assert.equal(written(0, yen), "¥0");
  assert.equal(decimalText(1, 3), "0.001");
});

test("what is taken off has a minus, and zero has none", () => {
  assert.equal(written(-500, dollars), "−$5.00");
  assert.equal(written(-500, euros), "−5,00 €");
  assert.equal(decimalText(-5, 2), "-0.05");
  assert.equal(written(-0, dollars), "$0.00");
});

test("the largest amount is exact to the cent", () => {
  assert.equal(written(Number.MAX_SAFE_INTEGER, dollars), "$90,071,992,547,409.91");
});

test("half a cent is refused instead of rounded", () => {
  assert.throws(() => decimalText(0.5, 2), TypeError);
  assert.throws(() => decimalText(Number.MAX_SAFE_INTEGER + 1, 2), TypeError);
});

test("point and comma are both taken as the decimal sign", () => {
  assert.equal(parseAmount("24.16", 2), 2416);
  assert.equal(parseAmount("24,16", 2), 2416);
  assert.equal(parseAmount("24", 2), 2400);
  assert.equal(parseAmount("24.1", 2), 2410);
});

test("thousands may be grouped by a point, comma, space or apostrophe", () => {
  for (const typed of ["1,200.50", "1.200,50", "1 200.50", "1'200.50", "1’200,50", "1200.50"]) {
    assert.equal(parseAmount(typed, 2), 120050, typed);
  }
});

test("a yen has no decimals: what looks like them is a thousand or nothing", () => {
  assert.equal(parseAmount("1,200", 0), 1200);
  assert.equal(parseAmount("12.5", 0), null);
});

test("what is no amount is nothing, never zero", () => {
  for (const typed of ["", " ", "abc", "1.2.3", "12,34,5", "5 €", "--3", "1e3"])
    assert.equal(parseAmount(typed, 2), null, typed);
});

test("what is written can be typed again, in every currency", () => {
  for (const place of [dollars, euros, yen, rupees]) {
    for (const minor of [0, 1, 99, 100, 2416, 123456]) {
      assert.equal(parseAmount(decimalText(minor, place.exponent), place.exponent), minor);
    }
  }
});
