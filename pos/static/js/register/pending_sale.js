/** The sale this tab is about to make: kept across a reload, so that nobody has to guess whether it was paid. */
const NAME = "tenderpoint-sale";

/** Remember {sale_id, how: "card" | "cash"}, or nothing. */
export function remember(sale) {
  try {
    if (sale) sessionStorage.setItem(NAME, JSON.stringify(sale));
    else sessionStorage.removeItem(NAME);
  } catch {
    // Storage may be refused; the receipt search then still finds the sale.
  }
}

/** The sale remembered, or null. */
export function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(NAME));
  } catch {
    return null;
  }
}
