/** What a sale sold becomes part of a package: a visit its first session, a package a bigger one. The client pays the rest. */

import { dialogById, openDialog } from "../dialog.js";
import { newKey } from "../http.js";
import { t } from "../messages.js";
import { change } from "./cart.js";
import { packageOfVisit } from "./cart_draft.js";
import { button, make, need } from "./dom.js";
import { amount } from "./format.js";
import { state } from "./state.js";

const WORDS = {
  visit: {
    key: t("Make it visit 1 of a package"),
    title: t("Visit 1 of which package?"),
    why: t("What was paid for the visit counts towards it. The visit uses its first credit."),
  },
  package: {
    key: t("Change it for a bigger package"),
    title: t("Which package instead?"),
    why: t("What was paid counts towards it. Sessions that were used carry over."),
  },
};

/**
 * @param {Offer} offer
 * @param {Client} client
 * @param {() => void} chosen
 */
function choosePackage({ visit_conversion: visit, packages, kind }, client, chosen) {
  const dialog = dialogById("visit-conversion-dialog");
  need(dialog, "h2").textContent = WORDS[kind].title;
  need(dialog, "[data-why]").textContent = WORDS[kind].why;
  /** @param {Item} item */
  const take = (item) => {
    dialog.close();
    chosen();
    change(() => packageOfVisit(item.item_id, visit, client.client_id, newKey()), { client });
  };
  const keys = packages.map((item) =>
    make(
      "button",
      { type: "button", class: "visit-conversion-plan", "data-package": item.item_id, onclick: () => take(item) },
      make("strong", { text: item.name }),
      make("span", { class: "money", text: t("{amount} to pay", { amount: amount(item.rest_minor) }) }),
    ),
  );
  need(dialog, "[data-plans]").replaceChildren(...keys);
  return openDialog(dialog);
}

/**
 * The key that offers it, or null where nothing of the sale can be part of a package. offered: the server's answer.
 * @param {Offer | undefined} offered
 * @param {Client | null} client
 * @param {() => void} [chosen]
 */
export function visitConversionKey(offered, client, chosen = () => {}) {
  if (!client || !offered?.packages.length) return null;
  const busy = state.draft.lines.length > 0;
  const key = button(WORDS[offered.kind].key, () => choosePackage(offered, client, chosen), {
    iconName: "credit",
    name: "visit-conversion",
  });
  if (!busy) return key;
  key.disabled = true;
  return make("div", {}, key, make("p", { class: "hint", text: t("Finish or park the ticket at the desk first.") }));
}
