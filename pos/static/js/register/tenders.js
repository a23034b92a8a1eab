/** The kinds of tender as the server lists them, and the form that records money received outside the till. */

import { t } from "../messages.js";
import { change } from "./cart.js";
import { toggleStored } from "./cart_draft.js";
import { askForm, Refused } from "./dialogs.js";
import { need } from "./dom.js";
import { readAmount } from "./format.js";
import { state } from "./state.js";

/** @param {string} kind */
export const tenderLabel = (kind) => state.tenders[kind]?.label ?? kind;

/** @param {string} kind */
export const refundLabel = (kind) => state.tenders[kind]?.refund_label ?? kind;

/** @param {string} kind */
export const hasReference = (kind) => state.tenders[kind]?.has_reference ?? false;

/** The kinds that a desk records, with their names. */
export const recordedKinds = () => Object.entries(state.tenders).filter(([kind]) => hasReference(kind));

/**
 * Ask for the reference of money that was received outside the till, and let it pay the ticket.
 * @param {string} kind
 */
export function recordForm(kind) {
  return askForm(
    "record-tender-dialog",
    (_form, dialog) => {
      need(dialog, "h2").textContent = tenderLabel(kind);
    },
    (form) => {
      const reference = form.elements.reference.value.trim();
      const typed = form.elements.amount_minor.value.trim();
      const minor = typed ? readAmount(typed) : null;
      if (!reference) throw new Refused(t("Enter the reference of this payment."), "reference");
      if (typed && (minor === null || minor <= 0))
        throw new Refused(t("Write an amount, such as 10.00."), "amount_minor");
      change((draft) => toggleStored(draft, { kind, card_id: null, amount_minor: minor, reference }));
    },
  );
}
