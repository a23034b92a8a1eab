import { announced, shown } from "./shortcuts.js";

/**
 * Make an element. given: attributes; a function under `onclick`, `onsubmit`… listens, `text` is its words, false and null
 * leave an attribute out, true sets it bare. children: elements, texts, lists of them, or null.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [given]
 * @param {Children[]} children
 */
export function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (name === "text") element.textContent = String(value ?? "");
    else if (value !== null && value !== undefined && value !== false)
      element.setAttribute(name, value === true ? "" : String(value));
  }
  const kept = children.flat(3).filter((child) => child !== null && child !== undefined && child !== false);
  element.append(.../** @type {(Node | string)[]} */ (kept));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * A decorative icon of the sprite, whose address the page names.
 * @param {string} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.body.querySelector("[data-icons]")?.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * A drawing of ours.
 * @param {string} name
 */
export function art(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "art");
  svg.setAttribute("viewBox", "0 0 96 96");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.body.querySelector("[data-art]")?.dataset.art}${name}.svg#art`);
  svg.append(use);
  return svg;
}

/**
 * The element that the page must have.
 * @param {ParentNode} root
 * @param {string} selector
 */
export function need(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/**
 * An amount in the ticket's type.
 * @param {string} text
 */
export const sum = (text) => make("span", { class: "money", text });

/**
 * A choice of a select.
 * @param {string} value
 * @param {string | undefined} text
 * @param {boolean} [selected]
 */
export const option = (value, text, selected = false) => make("option", { value, selected, text });

/**
 * A key as it is printed on the keyboard.
 * @param {string} key
 */
export const kbd = (key) => make("kbd", { "aria-hidden": "true", text: shown(key) });

/**
 * A button that does `run`; kind such as "primary" or "quiet"; name keeps the focus across a redraw.
 * @param {Children} words
 * @param {(event: Event) => unknown} run
 * @param {ButtonOptions & Attributes} [options]
 */
export function button(words, run, { kind = "", iconName = null, key = null, name = null, ...given } = {}) {
  return make(
    "button",
    {
      type: "button",
      class: `button ${kind}`.trim(),
      onclick: run,
      "data-focus": name,
      "aria-keyshortcuts": announced(key),
      ...given,
    },
    iconName && icon(iconName),
    make("span", {}, words),
    key && kbd(key),
  );
}

const drawn = new WeakMap();

/**
 * Fill `region` by `build(model)`, but only if the model has changed since the last time: what somebody is typing in it
 * stays. The focus returns to the element of the same `data-focus`, else to the main part of the page.
 * @template Model
 * @param {HTMLElement} region
 * @param {Model} model
 * @param {(model: Model) => Children} build
 */
export function redraw(region, model, build) {
  const seen = JSON.stringify(model);
  if (drawn.get(region) === seen) return false;
  drawn.set(region, seen);
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const active = region.contains(focused) ? focused : null;
  region.replaceChildren(.../** @type {(Node | string)[]} */ ([build(model)].flat(3).filter(Boolean)));
  if (active) {
    const same = active.dataset.focus && region.querySelector(`[data-focus="${CSS.escape(active.dataset.focus)}"]`);
    (same || document.getElementById("main"))?.focus({ preventScroll: true });
  }
  return true;
}

/**
 * Forget what a region showed, so that the next `redraw` fills it.
 * @param {HTMLElement} region
 */
export const forget = (region) => drawn.delete(region);
