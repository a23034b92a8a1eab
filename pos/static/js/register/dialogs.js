/** Dialogs with a form: refusals are shown under the field they name, and nothing typed is lost. */

import { setBusy } from "../busy.js";
import { dialogById, openDialog } from "../dialog.js";
import { Problem } from "../http.js";
import { t } from "../messages.js";
import { make, need } from "./dom.js";
import { amount } from "./format.js";

/** A field's value is not usable as typed. */
export class Refused extends Error {
  /**
   * @param {string} message
   * @param {string | null} [field]
   */
  constructor(message, field = null) {
    super(message);
    this.field = field;
  }
}

/**
 * Say a refusal under the field it names, or over the form.
 * @param {HTMLFormElement} form
 * @param {string} message
 * @param {string | null} [field]
 */
export function place(form, message, field) {
  const row = field ? form.querySelector(`[data-field="${CSS.escape(field)}"]`) : null;
  const words =
    row?.querySelector(".field-error") ?? form.querySelector("[data-general]") ?? need(form, ".field-error");
  words.textContent = message;
  words.hidden = false;
  const input = row?.querySelector("input, select");
  input?.setAttribute("aria-invalid", "true");
  (input ?? form.querySelector("input"))?.focus();
}

/**
 * An amount that is possible and unlikely: what was typed stays, and one key says that it is right.
 * @param {HTMLFormElement} form
 * @param {Problem} error
 */
function askToConfirm(form, error) {
  const { amount_minor: minor = 0 } = error.problem;
  place(form, error.message, error.field);
  const words = [...form.querySelectorAll(".field-error")].find((one) => !one.hidden);
  const key = make("button", {
    type: "button",
    class: "button",
    "data-confirm": "",
    text: t("{amount} is right", { amount: amount(minor) }),
  });
  key.onclick = () => {
    form.confirmedMinor = minor;
    form.requestSubmit();
  };
  words?.after(key);
}

/** @param {HTMLFormElement} form */
function tidy(form) {
  form.querySelector("[data-confirm]")?.remove();
  for (const words of form.querySelectorAll(".field-error")) words.hidden = true;
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

/**
 * How many of a line: 1 to 99, as in the field `quantity`.
 * @param {HTMLFormElement} form
 */
export function readQuantity(form) {
  const count = Number(form.elements.quantity.value);
  if (!Number.isInteger(count) || count < 1 || count > 99)
    throw new Refused(t("A quantity is between 1 and 99."), "quantity");
  return count;
}

/** Whether a dialog is in front. */
export const isDialogOpen = () => document.querySelector("dialog[open]") !== null;

/**
 * Open the dialog `id`, let `fill(form, dialog)` prepare it and `submit(form)` act. The dialog closes when `submit` is done and
 * stays when it throws Problem or Refused. After "needs_confirmation" a key offers to go on with
 * `form.confirmedMinor`. Resolves to "done", or to anything else when it was closed without.
 * @param {string} id
 * @param {(form: HTMLFormElement, dialog: HTMLDialogElement) => void} fill
 * @param {(form: HTMLFormElement) => unknown} submit
 */
export async function askForm(id, fill, submit) {
  const dialog = dialogById(id);
  if (dialog.open) return "open";
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form:not([data-leave])"));
  let busy = false;
  form.reset();
  form.confirmedMinor = null;
  tidy(form);
  fill(form, dialog);
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (busy) return;
    tidy(form);
    busy = true;
    const free = setBusy(/** @type {HTMLButtonElement} */ (need(form, "button:not([type=button])")));
    try {
      await submit(form);
      free();
      dialog.close("done");
    } catch (error) {
      free();
      if (!(error instanceof Problem) && !(error instanceof Refused)) throw error;
      if (error instanceof Problem && error.code === "needs_confirmation") askToConfirm(form, error);
      else place(form, error.message, error.field);
    } finally {
      busy = false;
    }
  };
  const closed = openDialog(dialog);
  /** @type {HTMLInputElement | null} */
  const first = form.querySelector("[data-first]") ?? form.querySelector("input:not([type=hidden], [type=radio])");
  first?.focus();
  first?.select?.();
  return closed;
}

/**
 * Let the remove key of a form close its dialog and remove what the form is about; without that the key is hidden.
 * @param {HTMLFormElement} form
 * @param {HTMLDialogElement} dialog
 * @param {(() => void) | null} remove
 */
export function wireRemoval(form, dialog, remove) {
  const key = need(form, "[data-remove]");
  key.hidden = !remove;
  key.onclick = () => {
    dialog.close("removed");
    remove?.();
  };
}
