/** A list that shows what fits the words typed, at once; without this script its form asks the server. */

/** @param {string} text */
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * Show the entries that have all of the words, and the groups with any.
 * @param {Element} list
 * @param {string} typed
 */
function narrow(list, typed) {
  const words = folded(typed).split(/\s+/).filter(Boolean);
  for (const group of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("section"))) {
    const rows = /** @type {NodeListOf<HTMLElement>} */ (group.querySelectorAll("li"));
    for (const row of rows) row.hidden = !words.every((word) => folded(row.textContent ?? "").includes(word));
    group.hidden = [...rows].every((row) => row.hidden);
  }
  const nothing = /** @type {HTMLElement | null} */ (document.querySelector(".nothing-fits"));
  if (nothing) nothing.hidden = [...list.querySelectorAll("section")].some((group) => !group.hidden);
}

for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("[data-narrows]"))) {
  const list = document.querySelector(box.dataset.narrows ?? "");
  // A list that the server has narrowed is not the whole one: its form asks again.
  if (list && !box.defaultValue) box.addEventListener("input", () => narrow(list, box.value));
}
