/** Exchange of goods: what comes back is refunded, and the desk goes on with a ticket that its value pays. */

import { toast } from "../announce.js";
import { Problem } from "../http.js";
import { t } from "../messages.js";
import { change } from "./cart.js";
import { emptyDraft } from "./cart_draft.js";
import { Refused } from "./dialogs.js";
import { button, make } from "./dom.js";
import { money } from "./format.js";
import { refundForm } from "./refund.js";
import { state } from "./state.js";

/**
 * The goods of a sale that can come back, and nothing else of it.
 * @param {Refundable} sale
 */
function goodsOf(sale) {
  const lines = sale.lines.filter((line) => line.kind === "retail" && !line.why_not);
  return { ...sale, void: null, packages: [], tip_minor: 0, lines };
}

/**
 * Begin the ticket of the new article: what was kept as account credit pays of it, what is left of that stays.
 * @param {SaleAnswer} sale
 * @param {Refund} made
 */
function goOn({ client }, made) {
  const kept = made.parts.find((part) => part.kind === "account_credit");
  if (client && kept) {
    const stored = [{ kind: "account_credit", card_id: null, amount_minor: kept.amount_minor }];
    change(() => ({ ...emptyDraft(), client_id: client.client_id, stored }), { client });
    toast(t("{amount} pays the new article. Choose it.", { amount: money(kept.amount_minor) }));
    return;
  }
  const cash = made.parts.find((part) => part.kind === "cash");
  toast(
    cash
      ? t("Hand over {amount}. Then ring up the new article.", { amount: money(cash.amount_minor) })
      : t("It goes back the way it was paid. Ring up the new article."),
  );
}

/**
 * The key that exchanges goods of a sale, or null where it sold none. `leave` closes the sale, `again` draws it anew.
 * @param {SaleAnswer} sale
 * @param {{leave: () => void, again: () => void}} then
 */
export function exchangeKey(sale, { leave, again }) {
  if (!sale.lines.some((line) => line.kind === "retail")) return null;
  /** @param {Event} event */
  const run = async (event) => {
    const pressed = /** @type {HTMLButtonElement} */ (event.currentTarget);
    pressed.disabled = true;
    try {
      const made = await refundForm(sale.sale_id, {
        title: t("Exchange goods of {receipt}", { receipt: sale.receipt }),
        reason: t("Exchange of goods"),
        of: goodsOf,
      });
      if (!made) return;
      if (made.state !== "paid_back") return again();
      leave();
      goOn(sale, made);
    } catch (error) {
      if (!(error instanceof Problem) && !(error instanceof Refused)) throw error;
      toast(error.message);
    } finally {
      pressed.disabled = false;
    }
  };
  const key = button(t("Exchange goods"), run, { iconName: "redo", name: "exchange" });
  if (!state.draft.lines.length) return key;
  key.disabled = true;
  return make("div", {}, key, make("p", { class: "hint", text: t("Finish or park the ticket at the desk first.") }));
}
