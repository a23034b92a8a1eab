/** The sample receipt follows what is typed: its button is pressed shortly after each change. */

const PAUSE = 400;
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-preview]"));
const button = /** @type {HTMLButtonElement | null} */ (form?.querySelector("button[formtarget]") ?? null);
const box = document.querySelector(".receipt-preview");
const picker = /** @type {HTMLInputElement | null} */ (form?.querySelector("input[type=color]") ?? null);
const accent = /** @type {HTMLInputElement | null} */ (form?.querySelector("input[name=accent]") ?? null);
let timer = 0;

/** Show the sample anew in a fresh frame: an old one would add a step to the history of the browser each time. */
function renew() {
  const last = box?.querySelector("iframe:last-of-type");
  if (!form || !button || !box || !(last instanceof HTMLIFrameElement)) return;
  const fresh = /** @type {HTMLIFrameElement} */ (last.cloneNode());
  fresh.removeAttribute("src");
  last.name = "";
  box.append(fresh);
  fresh.addEventListener("load", () => {
    if (fresh.contentWindow?.location.href === "about:blank") return;
    // The one before was shown until now, so that nothing flickers.
    while (fresh.previousElementSibling) fresh.previousElementSibling.remove();
  });
  form.requestSubmit(button);
}

function renewSoon() {
  clearTimeout(timer);
  timer = setTimeout(renew, PAUSE);
}

if (form && button) {
  if (picker && accent) {
    picker.hidden = false;
    picker.addEventListener("input", () => {
      accent.value = picker.value;
    });
    accent.addEventListener("input", () => {
      if (/^#[0-9a-f]{6}$/i.test(accent.value.trim())) picker.value = accent.value.trim();
    });
  }
  form.addEventListener("input", renewSoon);
}
