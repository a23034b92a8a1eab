/** Look-back: the visit just paid becomes the first of a package, and the client pays the rest of it. */
import { openDialog } from "../dialog.js";
import { newKey } from "../http.js";
import { button, make } from "./build.js";
import { change } from "./cart.js";
import { packageOfVisit } from "./draft.js";
import { state } from "./state.js";
import { amount } from "./words.js";

function choosePackage({ look_back: visit, packages }, client, chosen) {
  const dialog = document.getElementById("look-back-dialog");
  const take = (item) => {
    dialog.close();
    chosen();
    change(() => packageOfVisit(item.item_id, visit, client.client_id, newKey()), { client });
  };
  const keys = packages.map((item) => make("button", { type: "button", class: "look-back-plan", "data-package": item.item_id, onclick: () => take(item) },
    make("strong", { text: item.name }), make("span", { class: "money", text: `${amount(item.rest_minor)} to pay` })));
  dialog.querySelector("[data-plans]").replaceChildren(...keys);
  return openDialog(dialog);
}

/** The key that offers it, or null where no visit of the sale can be the first of anything. offered: the server's answer. */
export function lookBackKey(offered, client, chosen = () => {}) {
  if (!client || !offered?.packages.length) return null;
  const busy = state.draft.lines.length > 0;
  const key = button("Make it visit 1 of a package", () => choosePackage(offered, client, chosen), { iconName: "credit", name: "look-back" });
  if (!busy) return key;
  key.disabled = true;
  return make("div", {}, key, make("p", { class: "hint", text: "Finish or park the ticket at the desk first." }));
}
