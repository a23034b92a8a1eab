/** What of a refund goes back into stock: asked for each article that was taken from it, with so many as come back. */

import { t } from "../messages.js";
import { make, option } from "./dom.js";

/** @param {number} most */
const counts = (most) =>
  Array.from({ length: most + 1 }, (_, at) => most - at).map((count) =>
    option(String(count), count ? t("{count} back into stock", { count }) : t("Not into stock")),
  );

/**
 * How many of a line go back into stock, all that come back at first.
 * @param {RefundableLine} line
 */
export const restockChoice = ({ position, name, units_left: left }) =>
  make(
    "select",
    {
      name: "restock",
      "data-position": String(position),
      "aria-label": t("How many of {name} go back into stock", { name }),
    },
    counts(left),
  );

/**
 * Offer no more for the stock than comes back: none of an amount, and of a line that stays.
 * @param {HTMLFormElement} form
 * @param {boolean} hasAmount
 */
export function fitRestock(form, hasAmount) {
  /** @type {NodeListOf<HTMLSelectElement>} */
  const selects = form.querySelectorAll("select[name=restock]");
  for (const select of selects) {
    const { position } = select.dataset;
    /** @type {HTMLInputElement | null} */
    const box = form.querySelector(`[name=position][value="${position}"]`);
    /** @type {HTMLSelectElement | null} */
    const units = form.querySelector(`select[name=units][data-position="${position}"]`);
    select.hidden = hasAmount || !box?.checked;
    const most = Number(units?.value ?? 1);
    if (select.options.length === most + 1) continue;
    const kept = Math.min(most, Number(select.value));
    select.replaceChildren(...counts(most));
    select.value = String(Number(select.value) && kept ? most : kept);
  }
}

/**
 * The pairs of a position and a number that the server is told.
 * @param {HTMLFormElement} form
 */
export function readRestock(form) {
  /** @type {NodeListOf<HTMLSelectElement>} */
  const selects = form.querySelectorAll("select[name=restock]");
  return [...selects]
    .filter((select) => !select.hidden && Number(select.value) > 0)
    .map((select) => [Number(select.dataset.position), Number(select.value)]);
}
