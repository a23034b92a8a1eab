/** Coins and notes counted one by one; their sum is written into the form's amount. */
import { make, need } from "./dom.js";
import { amount, fieldText } from "./format.js";

/**
 * Offer the pieces of the currency in `form`, whose field `field` takes the sum. Returns a function that gives the counts as
 * the server takes them, or null when nothing was counted piece by piece.
 * @param {HTMLFormElement} form
 * @param {"float" | "counted"} field
 * @param {number[]} pieces minor units
 * @returns {() => Record<string, number> | null}
 */
export function counting(form, field, pieces) {
  const details = /** @type {HTMLDetailsElement} */ (need(form, "[data-count]"));
  const region = need(details, "[data-pieces]");
  details.hidden = pieces.length === 0;
  details.open = false;
  /** @type {Map<string, HTMLInputElement>} */
  const inputs = new Map();
  const total = form.elements[field];

  const counts = () => {
    /** @type {Record<string, number>} */
    const found = {};
    for (const [piece, input] of inputs)
      if (/^[0-9]{1,5}$/.test(input.value.trim()) && Number(input.value)) found[piece] = Number(input.value);
    return Object.keys(found).length ? found : null;
  };
  const add = () => {
    const found = counts();
    if (found)
      total.value = fieldText(Object.entries(found).reduce((sum, [piece, number]) => sum + Number(piece) * number, 0));
  };
  /** @param {number} piece */
  const row = (piece) => {
    const input = make("input", {
      inputmode: "numeric",
      autocomplete: "off",
      maxlength: "5",
      id: `${form.id || field}-piece-${piece}`,
      oninput: add,
    });
    inputs.set(String(piece), input);
    return make(
      "div",
      { class: "field count-piece" },
      make("label", { for: input.id, text: `${amount(piece)} ×` }),
      input,
    );
  };
  region.replaceChildren(...pieces.toReversed().map(row));
  // A sum written by hand is a count of its own: the pieces no longer belong to it.
  total.oninput = () => {
    for (const input of inputs.values()) input.value = "";
  };
  return counts;
}
