/** What a client has, in one sheet: each package with what is left and to pay, a missed visit, account credit paid out. */
import { toast } from "../announce.js";
import { dialogById, openDialog } from "../dialog.js";
import { newKey, Problem } from "../http.js";
import { call, insist } from "./api_client.js";
import { withApproval } from "./approval.js";
import { change } from "./cart.js";
import { addPart, changeLine, removeLine } from "./cart_draft.js";
import { askForm, Refused } from "./dialogs.js";
import { button, make, sum } from "./dom.js";
import { amount, credits, day, fieldText, firstName, money, readAmount } from "./format.js";
import { set, state } from "./state.js";

const CAUSES = { late_cancel: "Late cancel", no_show: "No-show" };

/** Take what the server says now of the client on the ticket. */
function take(client) {
  if (state.client?.client_id === client.client_id) set({ client });
}

/** Say how much of a package is paid now. line: of the ticket, or null; lot: of a package sold before, or null. */
export function partForm({ line = null, lot = null } = {}) {
  const known = lot ?? state.client?.lots?.find((one) => one.lot_id === line?.part?.lot_id) ?? null;
  return askForm(
    "part-dialog",
    (form, dialog) => {
      dialog.querySelector("h2").textContent = known?.name ?? line?.priced?.name ?? line?.item?.name ?? "Package";
      form.querySelector("[data-rest]").textContent = known
        ? `${amount(known.unpaid_minor)} is still to be paid.${known.next_due_minor < known.unpaid_minor ? ` ${amount(known.next_due_minor)} lets the next session be used.` : ""}`
        : "";
      form.elements.part.value = fieldText(line?.part?.amount_minor ?? known?.unpaid_minor ?? 0);
      const off = form.querySelector("[data-remove]");
      off.hidden = !line;
      off.onclick = () => {
        dialog.close("removed");
        change((draft) => removeLine(draft, line.line_id));
      };
    },
    (form) => {
      const minor = readAmount(form.elements.part.value);
      if (!(minor > 0)) throw new Refused("Write how much is paid now, such as 100.00.", "part");
      if (known && minor > known.unpaid_minor)
        throw new Refused(`${amount(known.unpaid_minor)} is still to be paid, no more.`, "part");
      if (line)
        change((draft) => changeLine(draft, line.line_id, { part: { amount_minor: minor, lot_id: line.part.lot_id } }));
      else change((draft) => addPart(draft, lot.item_id, { amount_minor: minor, lot_id: lot.lot_id }, newKey()));
    },
  );
}

async function burn(client, lot, cause) {
  const deedId = newKey();
  try {
    const done = await withApproval(
      (approvalId) =>
        insist("POST", `/clients/${client.client_id}/burn`, {
          action_id: deedId,
          lot_id: lot.lot_id,
          cause,
          approval_id: approvalId,
        }),
      `${CAUSES[cause]}: one credit of ${client.name}, ${lot.name}, is used up`,
    );
    if (!done) return;
    take(done);
    const left = done.lots.find((one) => one.lot_id === lot.lot_id)?.remaining ?? 0;
    toast(
      `${CAUSES[cause]}: one credit is used up. ${firstName(client.name)} has ${credits(left)} left of it. A manager can give it back.`,
    );
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    toast(error.message);
  }
}

function payOut(client) {
  const deedId = newKey();
  return askForm(
    "pay-out-dialog",
    (form) => {
      form.querySelector("[data-about]").textContent =
        `${money(client.account_credit_minor)} of ${client.name} leaves the drawer in cash. A second person agrees.`;
    },
    async (form) => {
      const reason = form.elements.reason.value.trim();
      if (reason.length < 3) throw new Refused("Say why: a few words.", "reason");
      const path = `/clients/${client.client_id}/account-credit/pay-out`;
      const done = await withApproval(
        (approvalId) => insist("POST", path, { action_id: deedId, reason, approval_id: approvalId }),
        `Pay out ${money(client.account_credit_minor)} account credit of ${client.name} in cash`,
      );
      if (!done) throw new Refused("Nobody approved it, so nothing was paid out.");
      take(done);
      toast(`Hand over ${money(done.paid_out_minor)}. The account credit is paid out.`);
    },
  );
}

function lotRow(client, lot, to) {
  const facts = [
    `${lot.remaining} of ${lot.quantity} can be used`,
    lot.expires_on && `valid to ${day(lot.expires_on)}`,
    lot.shared_by && `shared by ${lot.shared_by}`,
  ];
  const isOwn = !lot.shared_by;
  const keys = [
    isOwn &&
      lot.unpaid_minor > 0 &&
      lot.item_id &&
      button(
        "Take a payment",
        to(() => partForm({ lot })),
        { iconName: "add", name: `part-${lot.lot_id}` },
      ),
    ...Object.entries(CAUSES).map(
      ([cause, words]) =>
        isOwn &&
        lot.remaining > 0 &&
        button(
          words,
          to(() => burn(client, lot, cause)),
          { kind: "quiet", name: `${cause}-${lot.lot_id}` },
        ),
    ),
  ];
  return make(
    "section",
    { class: "card stack tight", "aria-label": lot.name },
    make("h3", { text: lot.name }),
    make("p", { class: "soft", text: facts.filter(Boolean).join(" · ") }),
    lot.unpaid_minor > 0 &&
      make(
        "p",
        {},
        sum(amount(lot.unpaid_minor)),
        " still to pay",
        lot.next_due_minor < lot.unpaid_minor ? [", ", sum(amount(lot.next_due_minor)), " for the next session."] : ".",
      ),
    make("div", { class: "row" }, keys),
  );
}

/** Show what the client on the ticket has. */
export async function clientSheet() {
  if (!state.client) return;
  const dialog = dialogById("client-sheet");
  const body = dialog.querySelector("[data-client]");
  const to = (deed) => () => {
    dialog.close("done");
    deed();
  };
  let client;
  try {
    client = await call("GET", `/clients/${state.client.client_id}`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    toast(error.message);
    return;
  }
  take(client);
  dialog.querySelector("h2").textContent = client.name;
  body.replaceChildren(
    ...client.lots.map((lot) => lotRow(client, lot, to)),
    ...(client.lots.length
      ? []
      : [make("p", { class: "hint", text: "No package with something left at this location." })]),
    ...(client.account_credit_minor > 0
      ? [
          make(
            "section",
            { class: "card stack tight", "aria-label": "Account credit" },
            make("h3", { text: "Account credit" }),
            make("p", {}, sum(amount(client.account_credit_minor)), " can pay a ticket."),
            make(
              "div",
              { class: "row" },
              button(
                "Pay out in cash",
                to(() => payOut(client)),
                { iconName: "cash", name: "pay-out" },
              ),
            ),
          ),
        ]
      : []),
  );
  openDialog(dialog);
}
