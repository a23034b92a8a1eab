/** `<pin-pad for="id">`: twelve large keys that write digits into a field, for fingers; the keyboard writes by itself. */
import { icon, make } from "./dom.js";

class PinPad extends HTMLElement {
  connectedCallback() {
    const field = /** @type {HTMLInputElement} */ (document.getElementById(this.getAttribute("for") ?? ""));
    /** @param {string} text */
    const write = (text) => {
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    /**
     * @param {Children} content
     * @param {string | null | undefined} label
     * @param {() => unknown} run
     */
    const key = (content, label, run) =>
      make("button", { type: "button", class: "button", "aria-label": label, onclick: run }, content);
    /** @param {number} number */
    const digit = (number) =>
      key(String(number), null, () => field.value.length < field.maxLength && write(field.value + number));
    const pad = make("div", { class: "pin", role: "group", "aria-label": this.dataset.label });
    pad.append(
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(digit),
      make("span"),
      digit(0),
      key(icon("back"), this.dataset.clear, () => write(field.value.slice(0, -1))),
    );
    // A press leaves the focus in the field, so that digits can also be typed and Enter signs in.
    pad.addEventListener("pointerdown", (event) => event.preventDefault());
    this.replaceChildren(pad);
  }
}
customElements.define("pin-pad", PinPad);
