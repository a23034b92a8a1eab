/**
 * The dialog of this id on the page.
 * @param {string} id
 */
export const dialogById = (id) => /** @type {HTMLDialogElement} */ (document.getElementById(id));

/**
 * Open a native dialog as a modal; the focus returns to where it was when it closes. Resolves to its returnValue.
 * @param {HTMLDialogElement} dialog
 * @returns {Promise<string>}
 */
export function openDialog(dialog) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        before?.focus();
        resolve(dialog.returnValue);
      },
      { once: true },
    );
    dialog.returnValue = "";
    dialog.showModal();
  });
}

/** Open every `dialog[data-open-now]` below root, once each. */
export function openAwaiting(root = document) {
  for (const dialog of /** @type {NodeListOf<HTMLDialogElement>} */ (root.querySelectorAll("dialog[data-open-now]"))) {
    dialog.removeAttribute("data-open-now");
    openDialog(dialog);
  }
}

/** Let `[data-opens="id"]` open; `[data-closes]` and a press beside the dialog close (not with `data-stays`). Call once a page. */
export function wireDialogs() {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    /** @type {HTMLElement | null} */
    const opener = target.closest("[data-opens]");
    const dialog = opener ? dialogById(opener.dataset.opens ?? "") : target.closest("dialog");
    if (!dialog) return;
    if (opener) {
      event.preventDefault();
      if (!dialog.open) openDialog(dialog);
    } else if (target.closest("[data-closes]")) {
      dialog.close("closed");
    } else if (target === dialog && !dialog.hasAttribute("data-stays") && isBeside(event, dialog)) {
      dialog.close("closed");
    }
  });
}

/**
 * @param {MouseEvent} event
 * @param {HTMLDialogElement} dialog
 */
function isBeside(event, dialog) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
