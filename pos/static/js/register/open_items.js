/** Open items: goods that are not in the catalogue, with name, price, tax and a reason typed at the desk. */

import { newKey } from "../http.js";
import { t } from "../messages.js";
import { change } from "./cart.js";
import { addOpenItem, changeLine } from "./cart_draft.js";
import { askForm, Refused, readQuantity, wireRemoval } from "./dialogs.js";
import { make, need, option, sum } from "./dom.js";
import { amount, fieldText, readAmount } from "./format.js";
import { state } from "./state.js";
import { takeOff } from "./take_off.js";

/**
 * Put an open item on the ticket, or change one that is there.
 * @param {{line?: DraftLine | null}} [from]
 */
export function openItemForm({ line = null } = {}) {
  const old = line?.open_item ?? null;
  const { item_id: itemId, categories } = state.open_item;
  return askForm(
    "open-item-dialog",
    (form, dialog) => {
      const { item_name: name, amount_minor: price, quantity, tax_category: category, reason } = form.elements;
      name.value = old?.name ?? "";
      price.value = old ? fieldText(old.amount_minor) : "";
      quantity.value = String(line?.quantity ?? 1);
      category.replaceChildren(
        ...categories.map(({ key, name: words }) => option(key, words, key === old?.tax_category)),
      );
      need(form, "[data-field=tax_category]").hidden = categories.length < 2;
      reason.value = old?.reason ?? "";
      wireRemoval(form, dialog, line && (() => takeOff(line.line_id)));
    },
    (form) => {
      const { item_name: name, amount_minor: price, tax_category: category, reason } = form.elements;
      if (!name.value.trim()) throw new Refused(t("Write what is sold."), "item_name");
      const minor = readAmount(price.value);
      if (minor === null || minor <= 0) throw new Refused(t("Write what one costs, such as 14.00."), "amount_minor");
      const count = readQuantity(form);
      if (!reason.value.trim()) throw new Refused(t("Write why it is sold without being in the catalogue."), "reason");
      const typed = {
        quantity: count,
        open_item: {
          name: name.value.trim(),
          amount_minor: minor,
          tax_category: category.value,
          reason: reason.value.trim(),
        },
      };
      change((draft) => (line ? changeLine(draft, line.line_id, typed) : addOpenItem(draft, itemId, typed, newKey())));
    },
  );
}

/** The key among the goods that begins one. */
export function openItemKey() {
  const key = make(
    "button",
    {
      type: "button",
      class: "key",
      "aria-haspopup": "dialog",
      "data-focus": "open-item",
      onclick: () => openItemForm(),
    },
    make("span", { text: t("Open item") }),
    sum(t("any price")),
  );
  return make(
    "div",
    {},
    make("div", { class: "catalogue-head" }, make("h2", { text: t("Not in the catalogue") })),
    make("div", { class: "keys" }, key),
  );
}

/**
 * What is to be known of an open item besides its name.
 * @param {OpenItem} item
 * @param {number} quantity
 */
export const openItemFacts = (item, quantity) => [
  quantity > 1 && `${quantity} × ${amount(item.amount_minor)}`,
  t("open item, {reason}", { reason: item.reason }),
];
