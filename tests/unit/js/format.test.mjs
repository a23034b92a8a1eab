import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { installPage } from "./page.mjs";
import { dollars, euros, yen } from "./places.mjs";

installPage();
const format = await import("../../../pos/static/js/register/format.js");
const { set } = await import("../../../pos/static/js/register/state.js");

mock.timers.enable({ apis: ["Date"], now: Date.parse("2026-07-01T12:00:00Z") });

const at = (place, run) => {
  set({ place });
  return run();
};

test("amounts follow the place of the desk, with and without the currency", () => {
  assert.deepEqual(
    at(euros, () => [format.amount(241600), format.money(241600), format.fieldText(241600)]),
    ["2.416,00", "2.416,00 €", "2416,00"],
  );
  assert.equal(
    at(yen, () => format.money(1500)),
    "¥1,500",
  );
  assert.equal(
    at(euros, () => format.readAmount("24,16")),
    2416,
  );
});

test("a percentage loses its zeros and has the place's decimal sign", () => {
  assert.equal(
    at(dollars, () => format.percent("8.000")),
    "8 %",
  );
  assert.equal(
    at(euros, () => format.percent("7.500")),
    "7,5 %",
  );
});

test("a day has its year when it is another one", () => {
  assert.equal(format.day("2026-05-12"), "12 May");
  assert.equal(format.day("2027-05-12"), "12 May 2027");
});

test("the clock is the clinic's and not the computer's", () => {
  const noon = "2026-07-01T12:00:00Z";
  assert.equal(
    at(dollars, () => format.clockTime(noon)),
    "08:00",
  );
  assert.equal(
    at(euros, () => format.clockTime(noon)),
    "14:00",
  );
});

test("one credit is no credits", () => {
  assert.deepEqual([0, 1, 2].map(format.credits), ["0 credits", "1 credit", "2 credits"]);
});

test("what a client has left says how many end first", () => {
  const end = "2026-05-28";
  assert.equal(format.creditsChip({ credits_left: 0 }), null);
  assert.equal(format.creditsChip({ credits_left: 8 }), "8 left");
  assert.equal(format.creditsChip({ credits_left: 8, next_left: 8, next_expiry: end }), "8 left · exp 28 May");
  assert.equal(
    format.creditsChip({ credits_left: 11, next_left: 1, next_expiry: end }),
    "11 left, 1 of them by 28 May",
  );
});

test("a manager reads what each discount takes off", () => {
  const discounts = [{ name: "Ten sessions", price_minor: 90000, off_minor: 10800 }];
  assert.equal(
    at(dollars, () => format.discountsAsked({ amount_minor: 10800, discounts })),
    "Discounts of $108.00: $108.00 (12 %) off Ten sessions",
  );
});
