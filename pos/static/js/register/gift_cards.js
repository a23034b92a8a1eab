/** Gift cards at the desk: sold, reloaded, found by their code, taken as payment, paid out. And account credit as payment. */

import { toast } from "../announce.js";
import { dialogById, openDialog } from "../dialog.js";
import { newKey, Problem } from "../http.js";
import { t, withNodes } from "../messages.js";
import { call, insist } from "./api_client.js";
import { withApproval } from "./approval.js";
import { change } from "./cart.js";
import { addGift, changeLine, toggleStored } from "./cart_draft.js";
import { askForm, Refused, wireRemoval } from "./dialogs.js";
import { button, icon, make, need, sum } from "./dom.js";
import { amount, day, fieldText, money, readAmount } from "./format.js";
import { nextPart } from "./parts.js";
import { isPartly, state } from "./state.js";
import { takeOff } from "./take_off.js";
import { tenderLabel } from "./tenders.js";

/** @type {Record<string, string | null>} */
const STATES = {
  active: null,
  used_up: t("There is nothing left on it."),
  expired: t("It has expired."),
  blocked: t("It is blocked. Ask a manager."),
  replaced: t("It was replaced by a new card."),
  elsewhere: t("It belongs to another location and is used there."),
};

/**
 * @param {string | null} cardId
 * @param {GiftCard | null} card
 */
function giftTitle(cardId, card) {
  if (!cardId) return t("Gift card");
  return card ? t("Reload gift card •••• {last4}", { last4: card.last4 }) : t("Reload gift card");
}

/**
 * Sell a gift card, change one on the ticket (its line), or reload one (its card).
 * @param {{line?: DraftLine | null, card?: GiftCard | null}} [from]
 */
export function giftForm({ line = null, card = null } = {}) {
  const old = line?.gift ?? null;
  const cardId = card?.card_id ?? old?.card_id ?? null;
  return askForm(
    "gift-dialog",
    (form, dialog) => {
      const { amount_minor: worth, to_name: name, to_email: mail, message, send_on: on } = form.elements;
      need(dialog, "h2").textContent = giftTitle(cardId, card);
      worth.value = old ? fieldText(old.amount_minor) : "";
      name.value = old?.to_name ?? "";
      mail.value = old?.to_email ?? "";
      message.value = old?.message ?? "";
      on.value = old?.send_on ?? "";
      need(form, "[data-gift-words]").hidden = Boolean(cardId);
      wireRemoval(form, dialog, line && (() => takeOff(line.line_id)));
    },
    (form) => {
      const { amount_minor: worth, to_name: name, to_email: mail, message, send_on: on } = form.elements;
      const minor = readAmount(worth.value);
      if (minor === null || minor <= 0)
        throw new Refused(t("Write what the card is worth, such as 50.00."), "amount_minor");
      if (on.value && !mail.value.trim()) throw new Refused(t("Write the address it is sent to."), "to_email");
      const gift = {
        amount_minor: minor,
        card_id: cardId,
        to_name: name.value.trim(),
        to_email: mail.value.trim() || null,
        message: message.value.trim(),
        send_on: on.value || null,
      };
      change((draft) =>
        line ? changeLine(draft, line.line_id, { gift }) : addGift(draft, state.gift_card_item, gift, newKey()),
      );
    },
  );
}

/** @param {GiftCard} card */
const isOnTicket = (card) => state.draft.stored.some((one) => one.card_id === card.card_id);

/**
 * Take a card as payment of the ticket, as far as it goes.
 * @param {GiftCard} card
 */
function payWith(card) {
  if (isPartly()) {
    nextPart({ kind: "gift_card", card_id: card.card_id });
    return;
  }
  if (!isOnTicket(card))
    change((draft) => toggleStored(draft, { kind: "gift_card", card_id: card.card_id, amount_minor: null }));
}

/**
 * Act on a card whose code was found: it pays what is on the ticket; otherwise it is shown.
 * @param {GiftCard} card
 */
export function takeCardFound(card) {
  if (card.can_pay && state.draft.lines.some((line) => !line.gift) && !isOnTicket(card)) payWith(card);
  else showCard(card);
}

/** @param {GiftCard} card */
function cardFacts({ last4, expires_on: end }) {
  if (!end) return t("Gift card •••• {last4}", { last4 });
  return t("Gift card •••• {last4} · valid to {day}", { last4, day: day(end) });
}

/** @param {GiftCard} card */
function showCard(card) {
  const dialog = dialogById("gift-card-dialog");
  const said = STATES[card.state];
  /** @param {() => unknown} run */
  const doing = (run) => () => {
    dialog.close("done");
    run();
  };
  need(dialog, "[data-card]").replaceChildren(
    make("p", {
      class: "soft",
      text: cardFacts(card),
    }),
    make("p", {}, withNodes(t("{amount} is on it."), { amount: sum(amount(card.balance_minor)) })),
    ...(said ? [make("p", { class: "notice warn" }, icon("warning"), said)] : []),
    make(
      "div",
      { class: "row" },
      ...(card.can_pay && state.draft.lines.length && !isOnTicket(card)
        ? [
            button(
              t("Pay with it"),
              doing(() => payWith(card)),
              { kind: "primary", iconName: "gift" },
            ),
          ]
        : []),
      ...(card.can_reload
        ? [
            button(
              t("Reload"),
              doing(() => giftForm({ card })),
              { iconName: "add" },
            ),
          ]
        : []),
      ...(card.can_cash_out
        ? [
            button(
              t("Pay out in cash"),
              doing(() => payOut(card)),
              { iconName: "cash" },
            ),
          ]
        : []),
    ),
  );
  return openDialog(dialog);
}

/** @param {GiftCard} card */
async function payOut(card) {
  const actionId = newKey();
  try {
    const done = await withApproval(
      (approvalId) =>
        insist("POST", `/gift-cards/${card.card_id}/cash-out`, { action_id: actionId, approval_id: approvalId }),
      t("Pay out {amount} of the gift card •••• {last4} in cash", {
        amount: money(card.balance_minor),
        last4: card.last4,
      }),
    );
    if (done) toast(t("Hand over {amount}. The gift card is empty now.", { amount: money(done.cash_minor) }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    toast(error.message);
  }
}

/** Ask for a code: a promo code makes the ticket cheaper, a gift card pays it, or is shown. */
export async function codeForm() {
  /** @type {GiftCard | null} */
  let found = null;
  const how = await askForm(
    "code-dialog",
    (form, dialog) => {
      need(form, "[data-sell]").onclick = () => {
        dialog.close("sell");
        giftForm();
      };
    },
    async (form) => {
      const code = form.elements.code.value;
      const { promo } = await call("POST", "/promo-codes/look-up", { code });
      if (promo) change((draft) => ({ ...draft, promo: promo.code }));
      else found = await call("POST", "/gift-cards/look-up", { code });
    },
  );
  if (how === "done" && found) takeCardFound(found);
}

/** Use the client's account credit, or no longer. */
export const toggleAccount = () =>
  isPartly()
    ? nextPart({ kind: "account_credit" })
    : change((draft) => toggleStored(draft, { kind: "account_credit", card_id: null, amount_minor: null }));

/**
 * What pays before cash and card, as it is named on the ticket.
 * @param {StoredOnTicket} one
 */
export function storedName(one) {
  if (one.is_visit) return t("Paid before");
  if (one.reference) return t("{kind} · {reference}", { kind: tenderLabel(one.kind), reference: one.reference });
  return one.kind === "gift_card" ? t("Gift card •••• {last4}", { last4: one.last4 ?? "" }) : t("Account credit");
}
