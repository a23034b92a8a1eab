/** The sale this tab is about to make: kept across a reload, so that nobody has to guess whether it was paid. */
const NAME = "tenderpoint-sale";

/**
 * Remember the sale, or nothing.
 * @param {PendingSale | null} sale
 */
export function remember(sale) {
  try {
    if (sale) sessionStorage.setItem(NAME, JSON.stringify(sale));
    else sessionStorage.removeItem(NAME);
  } catch {
    // Storage may be refused; the receipt search then still finds the sale.
  }
}

/** @returns {PendingSale | null} the sale remembered */
export function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? "null");
  } catch {
    return null;
  }
}
