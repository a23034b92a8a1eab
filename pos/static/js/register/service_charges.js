/** Service charges on the ticket: a row for each, the keys of those that a person chooses, and the way off for a reason. */

import { t } from "../messages.js";
import { change } from "./cart.js";
import { sayCharge } from "./cart_draft.js";
import { askForm, Refused } from "./dialogs.js";
import { icon, make, need } from "./dom.js";
import { amount, percent } from "./format.js";

/**
 * What the charges on a ticket come to, minor units.
 * @param {ChargeOnTicket[]} charges
 */
export const chargedMinor = (charges) =>
  charges.reduce((sum, one) => sum + (one.charged ? (one.amount_minor ?? 0) : 0), 0);

/** @param {ChargeOnTicket} charge */
const nameOf = ({ name, percent: part }) => (part ? t("{name} {percent}", { name, percent: percent(part) }) : name);

/**
 * Take a charge off, for a reason that is kept.
 * @param {ChargeOnTicket} charge
 */
function takeOffForm(charge) {
  return askForm(
    "service-charge-dialog",
    (_form, dialog) => {
      need(dialog, "h2").textContent = t("Take {name} off", { name: charge.name });
    },
    (form) => {
      const reason = form.elements.reason.value.trim();
      if (!reason) throw new Refused(t("Write why the service charge is taken off."), "reason");
      change((draft) => sayCharge(draft, charge.key, { charged: false, reason }));
    },
  );
}

/**
 * A charge that is on the ticket, or was taken off it, with the way off and back.
 * @param {ChargeOnTicket} charge
 * @param {boolean} still
 */
function chargeRow(charge, still) {
  const { key, name, charged, by_itself: byItself, reason } = charge;
  /** @type {[string, "close" | "undo", () => unknown]} */
  const [words, sign, run] = charged
    ? [
        t("Take {name} off", { name }),
        "close",
        () => (byItself ? takeOffForm(charge) : change((draft) => sayCharge(draft, key, null))),
      ]
    : [t("Charge {name} again", { name }), "undo", () => change((draft) => sayCharge(draft, key, null))];
  const head = make(
    "dt",
    { class: "stored-name" },
    make("span", { text: nameOf(charge) }),
    !charged && make("small", { class: "soft" }, " ", t("taken off, {reason}", { reason })),
    !still &&
      make(
        "button",
        {
          type: "button",
          class: "ticket-tool stored-off",
          "aria-label": words,
          "data-focus": `charge-${key}`,
          onclick: run,
        },
        icon(sign),
      ),
  );
  const figure = charged ? amount(charge.amount_minor ?? 0) : amount(0);
  return make("div", {}, head, make("dd", { class: "money", text: figure }));
}

/**
 * The charges of a ticket for its column of sums.
 * @param {ChargeOnTicket[]} charges
 * @param {boolean} still
 */
export const chargeRows = (charges, still) =>
  charges.filter((one) => one.charged || one.reason).map((one) => chargeRow(one, still));

/**
 * The keys of the charges that a person chooses; nothing where there are none.
 * @param {ChargeOnTicket[]} charges
 */
export function chargeKeys(charges) {
  const chosen = charges.filter((one) => !one.by_itself);
  if (chosen.length === 0) return null;
  const keys = chosen.map(({ key, name, charged, percent: part, amount_minor: minor }) =>
    make("button", {
      type: "button",
      class: "tip-key",
      "aria-pressed": String(charged),
      "data-focus": `add-charge-${key}`,
      title: part ? percent(part) : amount(minor ?? 0),
      onclick: () => change((draft) => sayCharge(draft, key, charged ? null : { charged: true, reason: "" })),
      text: name,
    }),
  );
  return make(
    "div",
    { class: "tips", role: "group", "aria-label": t("Service charges") },
    make("span", { text: t("Charge") }),
    make("div", { class: "tip-keys" }, keys),
  );
}
