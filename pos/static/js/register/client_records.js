/** The records of a client in their sheet: last visits, receipts, gift cards, and how they are reached. */

import { toast } from "../announce.js";
import { t } from "../messages.js";
import { insist } from "./api_client.js";
import { askForm } from "./dialogs.js";
import { button, make, need, sum } from "./dom.js";
import { amount, day } from "./format.js";
import { saleRow } from "./sales_list.js";
import { set, state } from "./state.js";

/**
 * @param {string} title
 * @param {Children} inside
 */
const section = (title, inside) =>
  make("section", { class: "stack tight", "aria-label": title }, make("h3", { text: title }), inside);

/** @param {ClientRecords["cards"][number]} card */
function cardRow(card) {
  const facts = [
    t("Gift card •••• {last4}", { last4: card.last4 }),
    card.to_name && t("for {name}", { name: card.to_name }),
    card.expires_on && t("valid to {day}", { day: day(card.expires_on) }),
  ];
  return make(
    "div",
    { class: "row spread" },
    make("span", { text: facts.filter(Boolean).join(" · ") }),
    sum(amount(card.balance_minor)),
  );
}

/**
 * @param {ClientRecords} records
 * @param {() => unknown} edit
 */
export function recordSections({ visits, sales, cards, contact, may_change: mayChange, today }, edit) {
  const reached = [contact.phone, contact.email].filter(Boolean).join(" · ") || t("No number and no address.");
  return [
    section(t("How they are reached"), [
      make(
        "div",
        { class: "row spread" },
        make("span", { class: "soft", text: reached }),
        mayChange.length > 0 && button(t("Change"), edit, { iconName: "edit", name: "contact" }),
      ),
    ]),
    section(
      t("Last visits"),
      visits.length
        ? visits.map((visit) =>
            make(
              "div",
              { class: "row spread" },
              make("span", { text: visit.therapist ? `${visit.name} · ${visit.therapist}` : visit.name }),
              make("span", { class: "soft", text: day(visit.on) }),
            ),
          )
        : make("p", { class: "hint", text: t("No visit yet.") }),
    ),
    cards.length > 0 && section(t("Gift cards they bought"), cards.map(cardRow)),
    section(
      t("Receipts"),
      sales.length
        ? make(
            "ul",
            { class: "sale-list" },
            sales.map((sale) => saleRow(sale, today, sale.receipt)),
          )
        : make("p", { class: "hint", text: t("No receipt of this location yet.") }),
    ),
  ].filter((one) => one !== false);
}

/**
 * Change how a client is reached: the fields that whoever is at the desk may change.
 * @param {ClientRecords} records
 */
export function contactForm({ client_id: clientId, contact, may_change: mayChange, seen }) {
  const fields = /** @type {(keyof ClientRecords["contact"])[]} */ (Object.keys(contact));
  return askForm(
    "contact-dialog",
    (form) => {
      for (const name of fields) {
        const input = /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
        input.value = contact[name];
        input.readOnly = !mayChange.includes(name);
      }
      need(form, "[data-locked]").hidden = mayChange.length === fields.length;
    },
    async (form) => {
      const typed = Object.fromEntries(
        fields.map((name) => [name, /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value.trim()]),
      );
      const kept = await insist("PUT", `/clients/${clientId}/contact`, { ...typed, seen });
      if (state.client?.client_id === clientId) {
        const { phone, email } = kept.contact;
        set({ client: { ...state.client, name: kept.name, phone, email } });
      }
      toast(t("{name} is reached as it stands there now.", { name: kept.name }));
    },
  );
}
