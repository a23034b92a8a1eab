/** A client in one sheet: each package with what is left and to pay, a missed visit, account credit paid out, their records. */

import { toast } from "../announce.js";
import { dialogById, openDialog } from "../dialog.js";
import { newKey, Problem } from "../http.js";
import { fill, t, withNodes } from "../messages.js";
import { call, insist } from "./api_client.js";
import { withApproval } from "./approval.js";
import { change } from "./cart.js";
import { addPart, changeLine } from "./cart_draft.js";
import { contactForm, recordSections } from "./client_records.js";
import { askForm, Refused, wireRemoval } from "./dialogs.js";
import { button, make, need, sum } from "./dom.js";
import { amount, credits, day, fieldText, firstName, money, readAmount } from "./format.js";
import { set, state } from "./state.js";
import { takeOff } from "./take_off.js";

/**
 * Why a credit is used up without a visit: the key, what a manager approves, and what is said afterwards.
 * @type {Record<string, {key: string, asked: string, done: string}>}
 */
const CAUSES = {
  late_cancel: {
    key: t("Late cancel"),
    asked: t("Late cancel: one credit of {name}, {package}, is used up"),
    done: t("Late cancel: one credit is used up. {name} has {credits} left of it. A manager can give it back."),
  },
  no_show: {
    key: t("No-show"),
    asked: t("No-show: one credit of {name}, {package}, is used up"),
    done: t("No-show: one credit is used up. {name} has {credits} left of it. A manager can give it back."),
  },
};

/**
 * Take what the server says now of the client on the ticket.
 * @param {Client} client
 */
function take(client) {
  if (state.client?.client_id === client.client_id) set({ client });
}

/** @param {Lot} lot */
function restText({ unpaid_minor: unpaid, next_due_minor: next }) {
  if (next >= unpaid) return t("{amount} is still to be paid.", { amount: amount(unpaid) });
  return t("{amount} is still to be paid. {next} lets the next session be used.", {
    amount: amount(unpaid),
    next: amount(next),
  });
}

/**
 * @param {Lot} lot
 * @param {string} itemId
 * @param {number} minor
 */
function sellPart(lot, itemId, minor) {
  change((draft) => addPart(draft, itemId, { amount_minor: minor, lot_id: lot.lot_id }, newKey()));
}

/**
 * Say how much of a package is paid now.
 * @param {{line?: DraftLine | null, lot?: Lot | null}} [from] a line of the ticket, or a package sold before
 */
export function partForm({ line = null, lot = null } = {}) {
  const known = lot ?? state.client?.lots?.find((one) => one.lot_id === line?.part?.lot_id) ?? null;
  return askForm(
    "part-dialog",
    (form, dialog) => {
      need(dialog, "h2").textContent = known?.name ?? t("Package");
      need(form, "[data-rest]").textContent = known ? restText(known) : "";
      form.elements.part.value = fieldText(line?.part?.amount_minor ?? known?.unpaid_minor ?? 0);
      wireRemoval(form, dialog, line && (() => takeOff(line.line_id)));
    },
    (form) => {
      const minor = readAmount(form.elements.part.value);
      if (minor === null || minor <= 0) throw new Refused(t("Write how much is paid now, such as 100.00."), "part");
      if (known && minor > known.unpaid_minor)
        throw new Refused(t("{amount} is still to be paid, no more.", { amount: amount(known.unpaid_minor) }), "part");
      if (line)
        change((draft) =>
          changeLine(draft, line.line_id, { part: { amount_minor: minor, lot_id: line.part?.lot_id ?? null } }),
        );
      else if (lot?.item_id) sellPart(lot, lot.item_id, minor);
    },
  );
}

/**
 * @param {Client} client
 * @param {Lot} lot
 * @param {string} cause
 */
async function forfeit(client, lot, cause) {
  const actionId = newKey();
  try {
    const done = await withApproval(
      (approvalId) =>
        insist("POST", `/clients/${client.client_id}/burn`, {
          action_id: actionId,
          lot_id: lot.lot_id,
          cause,
          approval_id: approvalId,
        }),
      fill(CAUSES[cause].asked, { name: client.name, package: lot.name }),
    );
    if (!done) return;
    take(done);
    const left = done.lots.find((/** @type {Lot} */ one) => one.lot_id === lot.lot_id)?.remaining ?? 0;
    toast(fill(CAUSES[cause].done, { name: firstName(client.name), credits: credits(left) }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    toast(error.message);
  }
}

/** @param {Client} client */
function payOut(client) {
  const actionId = newKey();
  return askForm(
    "pay-out-dialog",
    (form) => {
      need(form, "[data-about]").textContent = t(
        "{amount} of {name} leaves the drawer in cash. A second person agrees.",
        {
          amount: money(client.account_credit_minor),
          name: client.name,
        },
      );
    },
    async (form) => {
      const reason = form.elements.reason.value.trim();
      if (reason.length < 3) throw new Refused(t("Say why: a few words."), "reason");
      const path = `/clients/${client.client_id}/account-credit/pay-out`;
      const done = await withApproval(
        (approvalId) => insist("POST", path, { action_id: actionId, reason, approval_id: approvalId }),
        t("Pay out {amount} account credit of {name} in cash", {
          amount: money(client.account_credit_minor),
          name: client.name,
        }),
      );
      if (!done) throw new Refused(t("Nobody approved it, so nothing was paid out."));
      take(done);
      toast(t("Hand over {amount}. The account credit is paid out.", { amount: money(done.paid_out_minor) }));
    },
  );
}

/** @param {Lot} lot */
function unpaidText({ unpaid_minor: unpaid, next_due_minor: next }) {
  const nodes = { amount: sum(amount(unpaid)), next: sum(amount(next)) };
  if (next < unpaid) return withNodes(t("{amount} still to pay, {next} for the next session."), nodes);
  return withNodes(t("{amount} still to pay."), nodes);
}

/**
 * @param {Client} client
 * @param {Lot} lot
 * @param {(run: () => unknown) => () => void} to
 */
function lotRow(client, lot, to) {
  const facts = [
    t("{remaining} of {quantity} can be used", { remaining: lot.remaining, quantity: lot.quantity }),
    lot.expires_on && t("valid to {day}", { day: day(lot.expires_on) }),
    lot.shared_by && t("shared by {name}", { name: lot.shared_by }),
  ];
  const isOwn = !lot.shared_by;
  const keys = [
    isOwn &&
      lot.unpaid_minor > 0 &&
      lot.item_id &&
      button(
        t("Take a payment"),
        to(() => partForm({ lot })),
        { iconName: "add", name: `part-${lot.lot_id}` },
      ),
    ...Object.entries(CAUSES).map(
      ([cause, { key }]) =>
        isOwn &&
        lot.remaining > 0 &&
        button(
          key,
          to(() => forfeit(client, lot, cause)),
          { kind: "quiet", name: `${cause}-${lot.lot_id}` },
        ),
    ),
  ];
  return make(
    "section",
    { class: "card stack tight", "aria-label": lot.name },
    make("h3", { text: lot.name }),
    make("p", { class: "soft", text: facts.filter(Boolean).join(" · ") }),
    lot.unpaid_minor > 0 && make("p", {}, unpaidText(lot)),
    make("div", { class: "row" }, keys),
  );
}

/** Show what the client on the ticket has. */
export async function clientSheet() {
  if (!state.client) return;
  const dialog = dialogById("client-sheet");
  const body = need(dialog, "[data-client]");
  /** @param {() => unknown} run */
  const to = (run) => () => {
    dialog.close("done");
    run();
  };
  const path = `/clients/${state.client.client_id}`;
  /** @type {Client} */
  let client;
  /** @type {ClientRecords} */
  let records;
  try {
    [client, records] = await Promise.all([call("GET", path), call("GET", `${path}/sheet`)]);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    toast(error.message);
    return;
  }
  take(client);
  const { lots = [] } = client;
  need(dialog, "h2").textContent = client.name;
  body.replaceChildren(
    ...(client.note || client.has_allergy
      ? [
          make(
            "section",
            { class: "card stack tight", "aria-label": t("For the desk") },
            client.has_allergy &&
              make(
                "p",
                {},
                make("span", { class: "chip warn", text: t("Allergy") }),
                " ",
                client.allergy || t("not said to what"),
              ),
            ...(client.note ?? "").split("\n").map((line) => line && make("p", { text: line })),
          ),
        ]
      : []),
    ...lots.map((lot) => lotRow(client, lot, to)),
    ...(lots.length ? [] : [make("p", { class: "hint", text: t("No package with something left at this location.") })]),
    ...(client.account_credit_minor > 0
      ? [
          make(
            "section",
            { class: "card stack tight", "aria-label": t("Account credit") },
            make("h3", { text: t("Account credit") }),
            make(
              "p",
              {},
              withNodes(t("{amount} can pay a ticket."), { amount: sum(amount(client.account_credit_minor)) }),
            ),
            make(
              "div",
              { class: "row" },
              button(
                t("Pay out in cash"),
                to(() => payOut(client)),
                { iconName: "cash", name: "pay-out" },
              ),
            ),
          ),
        ]
      : []),
    ...recordSections(
      records,
      to(() => contactForm(records)),
    ),
  );
  openDialog(dialog);
}
