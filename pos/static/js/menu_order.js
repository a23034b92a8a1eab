/** Rows dragged to another place on the register, by mouse or touch. The buttons of a row do the same by keyboard. */

const CALM = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Ask for the place where a row was dropped: its form is sent, and the page comes back in the new order.
 * @param {HTMLElement} row
 * @param {number} place
 */
function send(row, place) {
  const form = /** @type {HTMLFormElement} */ (row.querySelector("form.order"));
  const field = /** @type {HTMLInputElement} */ (form.querySelector("input[name=place]"));
  field.disabled = false;
  field.value = String(place);
  form.requestSubmit();
}

for (const body of document.querySelectorAll("[data-menu-order]")) {
  if (body.querySelectorAll("[data-key]").length < 2) continue;
  for (const grip of body.querySelectorAll(".grip")) grip.hidden = false;
  const rows = new Sortable(body, {
    handle: ".grip",
    draggable: "[data-key]",
    animation: CALM.matches ? 0 : 150,
    onEnd({ item, oldDraggableIndex, newDraggableIndex }) {
      if (newDraggableIndex === undefined || newDraggableIndex === oldDraggableIndex) return;
      rows.option("disabled", true);
      send(item, newDraggableIndex + 1);
    },
  });
}
