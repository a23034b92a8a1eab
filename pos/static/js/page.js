// What every page gets: themes, dialogs, forms that send once, files that say when they begin, focus on a refused form, and words when htmx hears nothing.

import { announce, toast } from "./announce.js";
import { wireForms } from "./busy.js";
import { openAwaiting, wireDialogs } from "./dialog.js";
import { wireFiles } from "./files.js";
import { t } from "./messages.js";
import { markThemeChoice, wireThemeChoices } from "./theme.js";

function arrive() {
  markThemeChoice();
  openAwaiting();
  const wanting = document.querySelector("[data-takes-focus]");
  wanting?.focus();
  wanting?.removeAttribute("data-takes-focus");
  for (const element of document.querySelectorAll("[data-announce]")) {
    announce(element.dataset.announce ?? "");
    element.removeAttribute("data-announce");
  }
}

wireForms();
wireFiles();
wireDialogs();
wireThemeChoices();
arrive();
document.addEventListener("htmx:after:swap", arrive);
document.addEventListener("htmx:error", () =>
  toast(t("The server did not answer. Nothing was lost. Check the network and try again.")),
);
document.addEventListener("htmx:response:error", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.ctx.response.status >= 500)
    toast(t("Something went wrong on our side. Nothing was lost. Try again in a moment."));
});
