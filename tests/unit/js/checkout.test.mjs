import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { installPage } from "./page.mjs";
import { dollars } from "./places.mjs";

installPage();
const { hindrance, nextClient, resume, takeCash } = await import("../../../pos/static/js/register/checkout.js");
const { emptyDraft } = await import("../../../pos/static/js/register/cart_draft.js");
const { recall, remember } = await import("../../../pos/static/js/register/pending_sale.js");
const { set, state } = await import("../../../pos/static/js/register/state.js");

const line = { line_id: "1", item_id: "oil", quantity: 1, therapist_id: null, credit: "auto", discount: null };
const totals = {
  due_minor: 5500,
  rest_minor: 5500,
  cash_minor: 5500,
  stored_minor: 0,
  credits_used: 0,
  tip_base_minor: 0,
};
const papers = { receipt: "R-1", html: "/r.html", pdf: "/r.pdf" };
let answers = {};
let sent = [];

/** A server that answers each address with its next answer; null is a lost line. */
globalThis.fetch = async (url, { method, body }) => {
  const path = `${method} ${url.replace("/register/api", "")}`;
  sent.push([path, body ? JSON.parse(body) : null]);
  const [status, found] = answers[path]?.shift() ?? [404, { code: "not_found", detail: "Not here." }];
  if (status === 0) throw new TypeError("the line is down");
  return new Response(JSON.stringify(found), { status, headers: { "Content-Type": "application/json" } });
};

const done = { ...papers, change_minor: 1500, total_minor: 5500, tip_minor: 0 };
const posted = () => sent.filter(([path]) => path === "POST /sales").map(([, body]) => body);

beforeEach(() => {
  sent = [];
  remember(null);
  nextClient();
  set({ phase: "ready", place: dollars, shift: { opened_at: "2026-07-01T12:00:00Z", float_minor: 10000 } });
  set({
    draft: { ...emptyDraft(), lines: [line] },
    ticket: {
      ticket_id: "t1",
      version: "3",
      state: "open",
      lines: [{ ...line, cover: null }],
      totals,
      stored: [],
      client: null,
    },
  });
});

test("two quick presses take the money once", async () => {
  answers = { "POST /sales": [[200, { ...done, sale_id: "s1" }]] };
  await Promise.all([takeCash(7000), takeCash(7000)]);
  assert.equal(posted().length, 1);
  assert.deepEqual([state.paid.how, state.paid.tendered, state.paid.change_minor], ["cash", 7000, 1500]);
});

test("what is charged is what the person saw", async () => {
  answers = { "POST /sales": [[200, { ...done, sale_id: "s1" }]] };
  await takeCash(5500);
  const { ticket_id, ticket_version, expected_due_minor, cash_tendered_minor } = posted()[0];
  assert.deepEqual([ticket_id, ticket_version, expected_due_minor, cash_tendered_minor], ["t1", "3", 5500, 5500]);
});

test("after a lost answer the same sale is asked for, not another one", async () => {
  // Pauses before asking again take no time here; the limit of a request never comes.
  mock.method(globalThis, "setTimeout", (run, millis) => (millis < 10000 ? queueMicrotask(run) : null));
  answers = {
    "POST /sales": [
      [0, null],
      [200, { ...done, sale_id: "s1" }],
    ],
  };
  await takeCash(5500);
  mock.restoreAll();
  assert.equal(posted().length, 2);
  assert.equal(posted()[0].sale_id, posted()[1].sale_id);
  assert.equal(state.offline, false);
});

test("a drawer that was closed meanwhile is closed on the screen, and nothing is remembered as sold", async () => {
  answers = { "POST /sales": [[422, { code: "refused", why: "shift_closed", detail: "The drawer is closed." }]] };
  await takeCash(5500);
  assert.deepEqual(
    [state.shift, state.notice.words, state.paid, recall()],
    [null, "The drawer is closed.", null, null],
  );
});

test("with the drawer closed no money is taken", async () => {
  set({ shift: null });
  await takeCash(5500);
  assert.deepEqual(sent, []);
});

test("after a reload the cash sale that went through is shown as paid", async () => {
  remember({ sale_id: "s9", how: "cash" });
  const tenders = [{ kind: "cash", amount_minor: 5500 }];
  answers = {
    "GET /sales/s9": [[200, { ...done, sale_id: "s9", tenders, lines: [{ kind: "retail" }], client: null }]],
  };
  set({ draft: emptyDraft(), ticket: null });
  await resume();
  assert.deepEqual([state.paid.sale_id, state.paid.how, state.paid.tendered], ["s9", "cash", 7000]);
});

test("what is pressed while the last sale is looked up stays on the ticket", async () => {
  remember({ sale_id: "s9", how: "cash" });
  answers = { "GET /sales/s9": [[200, { ...done, sale_id: "s9", tenders: [], lines: [], client: null }]] };
  set({ draft: emptyDraft(), ticket: null, paid: null });
  const asked = resume();
  set({ draft: { ...emptyDraft(), lines: [line] } });
  await asked;
  assert.deepEqual([state.paid, state.draft.lines, recall()], [null, [line], null]);
  assert.equal(state.notice.words, "The sale before is paid: receipt R-1.");
});

test("after a reload a sale that never arrived is forgotten", async () => {
  remember({ sale_id: "s8", how: "cash" });
  answers = {};
  set({ draft: emptyDraft(), ticket: null });
  await resume();
  assert.deepEqual([state.paid, recall()], [null, null]);
});

test("what a ticket needs its client for is said by what is on it", () => {
  const needs = (lines, stored = []) => {
    set({ ticket: { ...state.ticket, lines, stored, needs_client: true } });
    return hindrance();
  };
  assert.match(needs([{ ...line, person_id: "ben" }]), /lines for other persons/);
  assert.match(needs([line], [{ kind: "account_credit" }]), /account credit/);
});
