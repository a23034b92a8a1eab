/** A second person's consent, asked for in place: what is being approved, a PIN, and the desk goes on where it was. */

import { call } from "./api_client.js";
import { askForm } from "./dialogs.js";

/**
 * Ask for a manager's PIN. action, subjectId, amountMinor and contentHash are what the server bound the consent to (its
 * `needs_approval` answer names them); text says in words what is approved. Resolves to the approval's key, or null when
 * nobody agreed.
 */
export async function askManager({ action, subjectId, amountMinor = null, contentHash = null, text }) {
  let approvalId = null;
  await askForm(
    "approval-dialog",
    (form) => {
      form.querySelector("[data-what]").textContent = text;
    },
    async (form) => {
      const pin = form.elements.pin;
      const typed = pin.value;
      pin.value = "";
      const answer = await call("POST", "/approvals", {
        action,
        subject_id: subjectId,
        amount_minor: amountMinor,
        content_hash: contentHash,
        pin: typed,
      });
      approvalId = answer.approval_id;
    },
  );
  return approvalId;
}

/**
 * Call `send(approvalId)`; where the server asks for a second person, ask the manager and send it once more.
 * text says what is approved, or makes the words from what the server asks for. Resolves to its answer, or null when nobody agreed. Throws Problem for the rest.
 */
export async function withApproval(send, text) {
  try {
    return await send(null);
  } catch (error) {
    if (error.code !== "needs_approval") throw error;
    const { action, subject_id: subjectId, amount_minor: amountMinor, content_hash: contentHash } = error.problem;
    const approvalId = await askManager({
      action,
      subjectId,
      amountMinor,
      contentHash,
      text: typeof text === "function" ? text(error.problem) : text,
    });
    return approvalId ? send(approvalId) : null;
  }
}
