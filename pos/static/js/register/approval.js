/** A second person's consent, asked for in place: what is being approved, a PIN, and the desk goes on where it was. */

import { Problem } from "../http.js";
import { call } from "./api_client.js";
import { askForm } from "./dialogs.js";
import { need } from "./dom.js";

/**
 * Ask for a manager's PIN. action, subjectId, amountMinor and contentHash are what the server bound the consent to (its
 * `needs_approval` answer names them); text says in words what is approved. Resolves to the approval's key, or null when
 * nobody agreed.
 * @param {{action: string, subjectId: string, amountMinor?: number | null, contentHash?: string | null, text: string}} asked
 * @returns {Promise<string | null>}
 */
export async function askManager({ action, subjectId, amountMinor = null, contentHash = null, text }) {
  /** @type {string | null} */
  let approvalId = null;
  await askForm(
    "approval-dialog",
    (form) => {
      need(form, "[data-what]").textContent = text;
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
 * text says what is approved, or makes it from what the server asks for. Resolves to the answer, or to null when nobody
 * agreed. Throws Problem for the rest.
 * @template Answer
 * @param {(approvalId: string | null) => Promise<Answer>} send
 * @param {string | ((asked: Asked) => string)} text
 * @returns {Promise<Answer | null>}
 */
export async function withApproval(send, text) {
  try {
    return await send(null);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "needs_approval") throw error;
    const asked = /** @type {Asked} */ (error.problem);
    const { action, subject_id: subjectId, amount_minor: amountMinor, content_hash: contentHash } = asked;
    const approvalId = await askManager({
      action,
      subjectId,
      amountMinor,
      contentHash,
      text: typeof text === "function" ? text(asked) : text,
    });
    return approvalId ? send(approvalId) : null;
  }
}
