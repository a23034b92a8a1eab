/** What is sold: a table of treatments by minutes, then keys. One press adds a line. */

import { newKey } from "../http.js";
import { t } from "../messages.js";
import { change } from "./cart.js";
import { addItem } from "./cart_draft.js";
import { kbd, make, redraw, sum } from "./dom.js";
import { amount, credits } from "./format.js";
import { giftForm } from "./gift_cards.js";
import { freeAddOns, freeCredits } from "./lines.js";
import { openItemKey } from "./open_items.js";
import { announced } from "./shortcuts.js";
import { state, watch } from "./state.js";
import { offerOnTicket } from "./take_off.js";

/** Two presses of one key of the shelf this close are one: a finger that bounced, or a double click. Milliseconds. */
const BOUNCE = 350;
let last = { itemId: "", at: -Infinity };

/**
 * Put an item on the ticket.
 * @param {Item} item
 */
export function add(item) {
  const lineId = newKey();
  change((draft) => addItem(draft, item, lineId));
}

/** @param {Item} item */
function pressed(item) {
  /** @param {MouseEvent} event */
  return (event) => {
    const { detail, timeStamp: at } = event;
    const isBounce = last.itemId === item.item_id && at - last.at <= BOUNCE;
    last = { itemId: item.item_id, at };
    if (isBounce)
      offerOnTicket(t("{name} was added once.", { name: item.name }), { text: t("Add another"), run: () => add(item) });
    else add(item);
    // From the search box to the ticket: Backspace takes the line off again.
    if (detail > 0) document.getElementById("main")?.focus({ preventScroll: true });
  };
}

/**
 * @param {{name: string}} service
 * @param {Item} item
 * @param {boolean} isCovered
 */
function priceKey(service, item, isCovered) {
  const words = isCovered ? credits(1) : amount(item.price_minor);
  const facts = { name: service.name, minutes: item.minutes ?? 0, amount: amount(item.price_minor) };
  const label = isCovered
    ? t("{name}, {minutes} minutes, {amount}, a credit covers it", facts)
    : t("{name}, {minutes} minutes, {amount}", facts);
  return make("button", {
    type: "button",
    class: isCovered ? "price-key covered" : "price-key",
    "aria-label": label,
    "data-focus": item.item_id,
    onclick: pressed(item),
    text: words,
  });
}

/** @param {{services: Menu["services"], minutes: number[], covered: string[]}} table */
function priceTable({ services, minutes, covered }) {
  const head = make(
    "tr",
    {},
    make("th", { scope: "col", text: t("Treatment") }),
    minutes.map((m) => make("th", { scope: "col", text: t("{minutes} min", { minutes: m }) })),
  );
  const rows = services.map((service) =>
    make(
      "tr",
      {},
      make("th", { scope: "row", text: service.name }),
      minutes.map((m) => {
        const item = service.variants.find((variant) => variant.minutes === m);
        return make("td", {}, item && priceKey(service, item, covered.includes(item.item_id)));
      }),
    ),
  );
  return make("table", { class: "prices" }, make("thead", {}, head), make("tbody", {}, rows));
}

/**
 * @param {Item} item
 * @param {boolean} isFree
 */
function keyOf(item, isFree) {
  const key = item.key?.toUpperCase();
  return make(
    "button",
    {
      type: "button",
      class: "key",
      onclick: pressed(item),
      "aria-keyshortcuts": announced(key),
      "data-focus": item.item_id,
    },
    make("span", { text: item.name }),
    sum(isFree ? t("included") : amount(item.price_minor)),
    key && kbd(key),
  );
}

/**
 * @param {string} title
 * @param {Item[]} list
 * @param {string} [kind]
 * @param {string[]} [free] items that a package includes
 */
function group(title, list, kind = "", free = []) {
  if (list.length === 0) return null;
  return make(
    "div",
    {},
    make("div", { class: "catalogue-head" }, make("h2", { text: title })),
    make(
      "div",
      { class: `keys ${kind}`.trim() },
      list.map((item) => keyOf(item, free.includes(item.item_id))),
    ),
  );
}

function giftKey() {
  const key = make(
    "button",
    {
      type: "button",
      class: "key",
      "aria-haspopup": "dialog",
      "data-focus": "sell-gift-card",
      onclick: () => giftForm(),
    },
    make("span", { text: t("Gift card") }),
    sum(t("any amount")),
  );
  return make(
    "div",
    {},
    make("div", { class: "catalogue-head" }, make("h2", { text: t("Gift cards") })),
    make("div", { class: "keys" }, key),
  );
}

function empty() {
  return make(
    "div",
    { class: "state" },
    make("h2", { text: t("Nothing is sold here yet") }),
    make("p", { text: t("A manager adds treatments and prices in the office. They appear here at the next reload.") }),
  );
}

class Catalogue extends HTMLElement {
  connectedCallback() {
    watch(() => {
      if (state.phase !== "ready") return;
      const { services } = state.menu;
      const minutes = [
        ...new Set(services.flatMap((service) => service.variants.map((variant) => variant.minutes ?? 0))),
      ].sort((a, b) => a - b);
      redraw(
        this,
        {
          ...state.menu,
          open: state.open_item.categories.length > 0,
          minutes,
          covered: [...freeCredits(state).keys()],
          free: [...freeAddOns(state)],
        },
        (model) => {
          const parts = [
            model.services.length > 0 && make("div", {}, priceTable(model)),
            group(t("Add-ons"), model.add_ons, "", model.free),
            group(t("Packages"), model.packages, "packages"),
            group(t("To take home"), model.retail),
            model.open && openItemKey(),
            giftKey(),
          ].filter(Boolean);
          return parts.length ? parts : [empty()];
        },
      );
    });
  }
}
customElements.define("register-catalogue", Catalogue);
