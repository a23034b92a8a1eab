import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { installPage } from "./page.mjs";
import { dollars } from "./places.mjs";

installPage();
const { change, settled, startNew } = await import("../../../pos/static/js/register/cart.js");
const { addItem, changeLine, setClient } = await import("../../../pos/static/js/register/cart_draft.js");
const { set, state } = await import("../../../pos/static/js/register/state.js");

const oil = { item_id: "oil", kind: "retail" };
let asked = [];
let stored = null;
let refusal = null;

const answer = (body, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

/** A server that keeps one ticket, as the register's API does; `refusal` is its next answer to a change. */
globalThis.fetch = async (url, { method, body }) => {
  const given = body ? JSON.parse(body) : {};
  asked.push(`${method} ${url.replace("/register/api", "").replace(/[0-9a-f-]{36}/, "ID")}`);
  const isAgain = method === "POST" && stored?.ticket_id === given.ticket_id;
  if (["POST", "PUT"].includes(method) && refusal) {
    const { lost, ...problem } = refusal;
    refusal = null;
    if (lost) stored = kept(given);
    return answer(problem, problem.status);
  }
  if (method === "POST" && !isAgain) stored = kept({ state: "open", ...given });
  if (method === "PUT") stored = kept(given);
  return answer(stored);
};

const kept = ({ client_id: client, ...given }) => ({
  ...stored,
  ...given,
  client: client ? { client_id: client } : null,
  version: String(Number(stored?.version ?? 0) + 1),
});

const quantities = () => state.draft.lines.map((line) => line.quantity);

beforeEach(() => {
  asked = [];
  stored = null;
  refusal = null;
  set({ place: dollars });
  startNew();
});

test("the first press opens a ticket with the line in one request", async () => {
  change((draft) => addItem(draft, oil, "1"));
  assert.deepEqual([quantities(), state.saving], [[1], true]);
  await settled();
  assert.deepEqual(asked, ["POST /tickets"]);
  assert.deepEqual([state.ticket.lines.length, state.saving], [1, false]);
});

test("presses in one gesture are sent together", async () => {
  change((draft) => addItem(draft, oil, "1"));
  change((draft) => addItem(draft, oil, "2"));
  change((draft) => addItem(draft, oil, "3"));
  await settled();
  assert.deepEqual(asked, ["POST /tickets"]);
  assert.deepEqual([quantities(), stored.lines[0].quantity], [[3], 3]);
});

test("an opened ticket whose answer was lost gets what was added meanwhile", async () => {
  refusal = { lost: true, status: 503, code: "error", detail: "The line was lost." };
  change((draft) => addItem(draft, oil, "1"));
  await Promise.resolve();
  await Promise.resolve();
  change((draft) => addItem(draft, oil, "2"));
  await settled();
  assert.deepEqual(asked, ["POST /tickets", "POST /tickets", "PUT /tickets/ID"]);
  assert.deepEqual([quantities(), stored.lines[0].quantity, state.ticket.version], [[2], 2, "2"]);
});

test("a first line that is refused leaves the client on the screen", async () => {
  refusal = { status: 422, code: "invalid", detail: "This is not sold here." };
  change((draft) => addItem(setClient(draft, "ada"), oil, "1"), { client: { client_id: "ada" } });
  await settled();
  assert.deepEqual([state.draft.lines, state.draft.client_id, state.client.client_id], [[], "ada", "ada"]);
  assert.equal(state.notice.words, "This is not sold here.");
});

test("a refused change is taken back and its reason is shown", async () => {
  change((draft) => addItem(draft, oil, "1"));
  await settled();
  refusal = { status: 422, code: "invalid", detail: "A quantity is between 1 and 99." };
  change((draft) => changeLine(draft, "1", { quantity: 100 }));
  await settled();
  assert.deepEqual(quantities(), [1]);
  assert.deepEqual(state.notice, { kind: "bad", words: "A quantity is between 1 and 99." });
});

test("a ticket changed by another desk is shown as it is now, with the reason", async () => {
  change((draft) => addItem(draft, oil, "1"));
  await settled();
  stored = { ...stored, lines: [{ ...stored.lines[0], quantity: 5 }] };
  refusal = { status: 409, code: "conflict", detail: "Another desk changed this ticket." };
  change((draft) => changeLine(draft, "1", { quantity: 2 }));
  await settled();
  assert.deepEqual(quantities(), [5]);
  assert.deepEqual(state.notice, { kind: "warn", words: "Another desk changed this ticket." });
});

test("a change that lost against another window is made again on the newer ticket, and said", async () => {
  change((draft) => addItem(draft, oil, "1"));
  await settled();
  const theirs = { ...stored.lines[0], line_id: "2", item_id: "massage" };
  stored = { ...stored, version: "9", lines: [...stored.lines, theirs] };
  refusal = { status: 409, code: "conflict", detail: "This ticket was changed at the same time." };
  change((draft) => addItem(draft, { item_id: "cupping", kind: "add_on" }, "3"));
  await settled();
  assert.deepEqual(
    stored.lines.map((line) => line.item_id),
    ["oil", "massage", "cupping"],
  );
  assert.equal(state.draft.lines.length, 3);
  assert.match(state.notice.words, /^Another window changed this ticket\. What you did here was added/);
});

test("a change of a line that another window took off says that it is not possible", async () => {
  change((draft) => addItem(draft, oil, "1"));
  await settled();
  stored = { ...stored, version: "9", lines: [] };
  refusal = { status: 409, code: "conflict", detail: "This ticket was changed at the same time." };
  change((draft) => changeLine(draft, "1", { quantity: 2 }));
  await settled();
  assert.deepEqual([state.draft.lines, state.saving], [[], false]);
  assert.match(state.notice.words, /not possible any more/);
});

test("a change whose answer was lost is no conflict with itself", async () => {
  change((draft) => addItem(draft, oil, "1"));
  await settled();
  refusal = { lost: true, status: 409, code: "conflict", detail: "Another desk changed this ticket." };
  change((draft) => changeLine(draft, "1", { quantity: 2 }));
  await settled();
  assert.deepEqual([quantities(), state.notice], [[2], null]);
});

test("a credit that is gone names the single price", async () => {
  change((draft) => addItem(setClient(draft, "ada"), oil, "1"));
  await settled();
  refusal = { status: 422, code: "credit_gone", detail: "The last credit was used.", single_minor: 9000 };
  change((draft) => changeLine(draft, "1", { quantity: 2 }));
  await settled();
  assert.equal(state.notice.words, "The last credit was used. A single is $90.00.");
});
