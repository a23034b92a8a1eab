/** A ticket paid part by part: what was received, the next part, and giving all of it back. */

import { Problem } from "../http.js";
import { t } from "../messages.js";
import { insist } from "./api_client.js";
import { follow, land, update } from "./card_payment.js";
import { reread, sentence } from "./cart.js";
import { button, make, sum } from "./dom.js";
import { amount } from "./format.js";
import { remember } from "./pending_sale.js";
import { isPartly, set, state } from "./state.js";
import { tenderLabel } from "./tenders.js";

/**
 * A card as people read it: "Visa •••• 4242".
 * @param {string} card
 */
export const cardName = (card) => card.charAt(0).toUpperCase() + card.slice(1).replaceAll("_", " ");

/** @param {PaidPart} part */
const partName = ({ kind, card }) => (card ? cardName(card) : tenderLabel(kind));

/**
 * What was received of the ticket, one row for each part.
 * @param {PaidPart[]} parts
 */
export const receivedRows = (parts) =>
  make(
    "ul",
    { class: "parts", "aria-label": t("Paid so far") },
    make("li", { class: "soft", text: t("Paid so far") }),
    parts.map((part) =>
      make("li", { class: "row spread" }, make("span", { text: partName(part) }), sum(amount(part.amount_minor))),
    ),
  );

/**
 * Take the next part; the last one completes the sale. Where something was paid meanwhile, nothing is taken and that is said.
 * @param {NextPart} part
 */
export async function nextPart(part) {
  const before = state.payment;
  if (!before) return;
  const asksCard = part.kind === "card";
  set({
    payment: asksCard
      ? {
          ...before,
          state: "starting",
          kind: part.by_code ? "checkout" : "reader",
          amount_minor: part.amount_minor ?? before.rest_minor ?? 0,
        }
      : { ...before, busy: true },
    ringing: !asksCard,
    notice: null,
    mode: "pick",
    typed: null,
  });
  try {
    const body = { expected_rest_minor: before.rest_minor, ...part };
    const onDoubt = () => asksCard && update({ state: "unknown" });
    const now = await insist("POST", `/payments/${before.order_id}/part`, body, { onDoubt });
    set({ ringing: false });
    land(now);
    // The gift card or account that paid stands among the sums.
    if (isPartly() && part.kind !== "card" && part.kind !== "cash") await reread(null);
  } catch (error) {
    set({ ringing: false });
    if (!(error instanceof Problem)) throw error;
    if (error.status === 422) set({ payment: before, notice: { kind: "bad", words: error.message } });
    else await reread(sentence(error));
  }
  follow();
}

/** @param {GivenBack} given */
function givenWords({ cards, cash_minor: cash }) {
  const words = cards.map(({ card, amount_minor: minor, state: kind }) => {
    const facts = { amount: amount(minor), card: card ? cardName(card) : t("the card") };
    if (kind === "refunded") return t("{amount} goes back to {card}.", facts);
    if (kind === "refunding") return t("{amount} goes back to {card} as soon as the card service answers.", facts);
    return t("{amount} could not be given back to {card}: tell a manager.", facts);
  });
  if (cash > 0) words.push(t("Hand back {amount} in cash.", { amount: amount(cash) }));
  return words.join(" ");
}

async function giveBack() {
  const payment = state.payment;
  if (!payment || payment.busy) return;
  update({ busy: true });
  try {
    const now = await insist("POST", `/payments/${payment.order_id}/give-back`, {
      expected_rest_minor: payment.rest_minor,
    });
    if (now.sale) land(now);
    else {
      remember(null);
      set({ payment: null, mode: "pick" });
      await reread(givenWords(now.given_back));
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    set({ mode: "pick" });
    await reread(error.message);
  }
  follow();
}

/**
 * Ask whether all that was received is to go back.
 * @param {{parts: PaidPart[], busy: boolean}} model
 */
export function backPanel({ parts, busy }) {
  const cash = parts.filter(({ kind }) => kind === "cash").reduce((total, one) => total + one.amount_minor, 0);
  return [
    make(
      "div",
      { class: "ticket-says", role: "group", "aria-label": t("Give it back") },
      make("p", { text: t("The sale is given up, and the ticket can be changed again:") }),
      make(
        "ul",
        {},
        parts
          .filter(({ kind }) => kind === "card")
          .map((one) =>
            make("li", {
              text: t("{amount} goes back to {card}.", { amount: amount(one.amount_minor), card: partName(one) }),
            }),
          ),
        cash > 0 && make("li", { text: t("You hand back {amount} in cash.", { amount: amount(cash) }) }),
      ),
      make(
        "div",
        { class: "row" },
        button(t("Give it back"), giveBack, { kind: "danger", name: "give-back-now", disabled: busy }),
        button(t("Back"), () => set({ mode: "pick" }), {
          kind: "quiet",
          iconName: "back",
          key: "Esc",
          name: "back",
          disabled: busy,
        }),
      ),
    ),
  ];
}
