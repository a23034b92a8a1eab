/**
 * Mark a button busy: it keeps its place, says `data-busy` and cannot be pressed. Returns the function that undoes it.
 * @param {HTMLButtonElement} button
 */
export function setBusy(button) {
  const label = button.querySelector("span") ?? button;
  const words = label.textContent;
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
  if (button.dataset.busy) label.textContent = button.dataset.busy;
  return () => {
    button.removeAttribute("aria-busy");
    button.disabled = false;
    label.textContent = words;
  };
}

/** @type {Map<HTMLFormElement, () => void>} */
const sent = new Map();

/** @param {HTMLFormElement} form */
function release(form) {
  sent.get(form)?.();
  sent.delete(form);
}

/** @param {Element | null} element */
function isHtmx(element) {
  return Boolean(element?.matches("[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete]"));
}

/**
 * No form is sent twice: the first submit marks its button busy, further ones are dropped until the answer is there.
 * Forms with `data-repeatable` (a download) are left alone. Call once a page.
 */
export function wireForms() {
  document.addEventListener(
    "submit",
    (event) => {
      const form = /** @type {HTMLFormElement} */ (event.target);
      const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
      if ((button?.formMethod || form.method) === "dialog" || form.hasAttribute("data-repeatable")) return;
      // Into a frame of the page, which stays: a preview.
      if (button?.formTarget) return;
      if (sent.has(form)) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      sent.set(form, () => {});
      // Afterwards, because a disabled button does not send its name and value, and because a script may have taken over.
      setTimeout(() => {
        if (event.defaultPrevented && !isHtmx(form) && !isHtmx(button)) release(form);
        else if (button && sent.has(form)) sent.set(form, setBusy(button));
      });
    },
    true,
  );
  document.addEventListener("htmx:finally:request", (event) => {
    const form = /** @type {Element} */ (event.target).closest?.("form");
    if (form) release(form);
  });
  // Coming back with the browser's own button shows the page as it was left: busy. Free it.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of [...sent.keys()]) release(form);
  });
}
