/** Filters written as sentences apply at once: a choice when it is made, a day when it is picked. A typed day waits for Enter. */

const KEPT = "office-filter";
let isTyping = false;

/**
 * Whether a change in a field of a filter is one that a person has finished.
 * @param {EventTarget | null} field
 * @returns {field is HTMLSelectElement | HTMLInputElement}
 */
const isFinished = (field) =>
  field instanceof HTMLSelectElement || (field instanceof HTMLInputElement && field.type === "date" && !isTyping);

/** The field whose change brought this page takes the focus again. */
function returnFocus() {
  const name = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  /** @type {HTMLElement | null} */
  const field = name ? document.querySelector(`form.sentence [name="${CSS.escape(name)}"]`) : null;
  field?.focus({ preventScroll: true });
}

export function wireFilters() {
  document.addEventListener("focusin", () => {
    isTyping = false;
  });
  document.addEventListener("keydown", ({ target, key }) => {
    if (target instanceof HTMLInputElement && target.type === "date" && key !== "Tab") isTyping = true;
  });
  document.addEventListener("change", ({ target }) => {
    if (!isFinished(target)) return;
    const form = target.form;
    if (!form?.matches("form.sentence") || form.method !== "get" || !form.checkValidity()) return;
    sessionStorage.setItem(KEPT, target.name);
    form.requestSubmit();
  });
  returnFocus();
}
