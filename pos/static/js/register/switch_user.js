/** Who is at the desk: changed by a PIN in place, and asked for when a sign-in has ended. The ticket stays. */

import { toast } from "../announce.js";
import { dialogById } from "../dialog.js";
import { get, post } from "../http.js";
import { t } from "../messages.js";
import { onSignInNeeded } from "./api_client.js";
import { askForm } from "./dialogs.js";
import { need } from "./dom.js";
import { set, setDesk } from "./state.js";

/** @type {Promise<void> | null} */
let asking = null;

/** @param {HTMLFormElement} form */
async function signIn(form) {
  const pin = form.elements.pin;
  try {
    const person = await post("/register/api/sign-in", { pin: pin.value });
    set({ person });
  } catch (error) {
    pin.value = "";
    throw error;
  }
}

/** @param {string | null} why */
function ask(why) {
  const dialog = dialogById("person-dialog");
  const isNeeded = Boolean(why);
  dialog.toggleAttribute("data-stays", isNeeded);
  need(dialog, "[data-closes]").hidden = isNeeded;
  dialog.oncancel = (event) => {
    if (isNeeded) event.preventDefault();
  };
  return askForm(
    "person-dialog",
    (form) => {
      const words = need(form, "[data-why]");
      words.textContent = why ?? "";
      words.hidden = !why;
    },
    signIn,
  );
}

/** Change the person at the desk. */
export async function switchPerson() {
  if ((await ask(null)) !== "done") return;
  const known = await get("/register/api/state");
  setDesk(known);
  toast(t("{name} is at the desk.", { name: known.person.name }));
}

onSignInNeeded(() => {
  asking ??= until().finally(() => {
    asking = null;
  });
  return asking;
});

async function until() {
  while (
    (await ask(t("Your sign-in has ended. Enter your PIN; what was on the screen is kept and goes on afterwards."))) !==
    "done"
  );
  const known = await get("/register/api/state");
  set({ person: known.person, permissions: known.permissions });
}
