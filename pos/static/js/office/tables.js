/** On a phone a table of several columns reads as rows of label and value: each cell is given the words of its column. */

/** A table of no more columns fits. */
const FITS = 3;

/** @param {HTMLTableElement} table */
function label(table) {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  const isPlain = table.tHead?.rows.length === 1 && heads.every((head) => head.colSpan === 1);
  if (!isPlain || heads.length <= FITS) return;
  table.classList.add("stacks");
  // Boxes of another kind would no longer be a table to a screen reader.
  table.setAttribute("role", "table");
  for (const part of [table.tHead, ...table.tBodies, table.tFoot]) part?.setAttribute("role", "rowgroup");
  for (const row of table.rows) {
    row.setAttribute("role", "row");
    let at = 0;
    for (const cell of row.cells) {
      const isHead = cell.tagName === "TH";
      cell.setAttribute("role", isHead ? (row.parentElement === table.tHead ? "columnheader" : "rowheader") : "cell");
      const words = heads[at]?.querySelector(":scope > .sr-only") ? "" : heads[at]?.textContent?.trim();
      if (row.parentElement !== table.tHead && at > 0 && words && cell.colSpan === 1) cell.dataset.label = words;
      if (!cell.textContent?.trim() && !cell.querySelector("input, select, button, svg, img")) cell.dataset.blank = "";
      at += cell.colSpan;
    }
  }
}

export function labelTables() {
  /** @type {NodeListOf<HTMLTableElement>} */
  const tables = document.querySelectorAll(".office-main table:not(.stacks)");
  for (const table of tables) label(table);
}
