/** Who may be the client that is being added: shown while the form is filled in, each with a key that puts them on the ticket. */

import { announce } from "../announce.js";
import { Problem } from "../http.js";
import { fill, t } from "../messages.js";
import { call } from "./api_client.js";
import { button, make, need } from "./dom.js";
import { FormQuestions } from "./form_questions.js";
import { clientFacts } from "./format.js";

/** After the last key, before the server is asked. Milliseconds. */
const PAUSE = 250;

/**
 * Show who may be the client that is being added, each with a key; what was typed stays.
 * @param {HTMLFormElement} form
 * @param {AlikeClient[]} clients
 * @param {(one: AlikeClient) => void} use puts one of them on the ticket
 * @param {() => void} [another] says that it is none of them, where that has been asked
 */
export function offerAlike(form, clients, use, another) {
  const list = need(form, "[data-alike]");
  list.replaceChildren(
    ...(another ? [] : [make("p", { class: "hint", text: t("Somebody like this is a client already.") })]),
    ...clients.map((one) =>
      make(
        "div",
        { class: "row spread" },
        make("span", { text: clientFacts(one) }),
        button(fill(t("Use {name}"), { name: one.name }), () => use(one), { name: `use-${one.client_id}` }),
      ),
    ),
    ...(another
      ? [button(t("None of them: it is another person"), another, { kind: "quiet", name: "another-person" })]
      : []),
  );
  list.hidden = false;
}

/**
 * Look, while the form is filled in, who has the number, the address or the whole name.
 * @param {HTMLFormElement} form
 * @param {(one: AlikeClient) => void} use
 * @returns {() => void} gives up the question that is under way: the form is sent, and the server's answer to that is the one to show
 */
export function watchTyping(form, use) {
  const questions = new FormQuestions(form);
  let shown = "";
  const list = need(form, "[data-alike]");

  async function look() {
    const isLast = questions.begin();
    const fields = form.elements;
    const typed = {
      given_name: fields.given_name.value,
      family_name: fields.family_name.value,
      phone: fields.phone.value,
      email: fields.email.value,
    };
    try {
      const { clients } = await call("POST", "/clients/alike", typed, { timeout: 8000 });
      // Typed on, or closed, meanwhile: a later answer is on its way, or none is wanted.
      if (!isLast() || !form.closest("dialog")?.open) return;
      const seen = clients.map((/** @type {AlikeClient} */ one) => one.client_id).join();
      if (seen === shown && list.hidden === !seen) return;
      shown = seen;
      list.hidden = true;
      if (!seen) return;
      offerAlike(form, clients, use);
      announce(t("Somebody like this is a client already."));
    } catch (error) {
      // The server says it again, and for good, when the client is added.
      if (!(error instanceof Problem)) throw error;
    }
  }

  form.oninput = () => questions.soon(look, PAUSE);
  return () => questions.giveUp();
}
