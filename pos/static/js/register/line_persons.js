/** Who each line of a ticket is for: chips of the persons on it, one tap each, and the way to name another one. */

import { announce } from "../announce.js";
import { dialogById, openDialog } from "../dialog.js";
import { Problem } from "../http.js";
import { t } from "../messages.js";
import { call } from "./api_client.js";
import { change } from "./cart.js";
import { setPerson } from "./cart_draft.js";
import { button, icon, make, need } from "./dom.js";
import { FormQuestions } from "./form_questions.js";
import { creditsChip, firstName } from "./format.js";
import { clientForm } from "./forms.js";
import { itemOf, watch } from "./state.js";

/** After the last key, before the server is asked. Milliseconds. */
const PAUSE = 150;

/**
 * Names of those who were chosen on this ticket: a chip stays when no line is for them any more.
 * @type {Map<string, string>}
 */
const chosen = new Map();

watch(({ draft, paid }) => {
  if (paid || (draft.lines.length === 0 && !draft.client_id)) chosen.clear();
});

/** @param {DraftLine} line */
const isTreatment = (line) => ["variant", "add_on"].includes(itemOf(line.item_id)?.kind ?? "");

/**
 * Those beside the client, each once.
 * @param {State} now
 * @returns {Map<string, string>} names by key
 */
function others({ draft, ticket }) {
  const named = new Map([
    ...chosen,
    ...(ticket?.persons ?? []).map((one) => /** @type {const} */ ([one.client_id, one.name])),
  ]);
  const wanted = new Set([...chosen.keys(), ...draft.lines.map((line) => line.person_id)]);
  return new Map([...named].filter(([key]) => wanted.has(key) && key !== draft.client_id));
}

/**
 * What the chips of a line are drawn from; null where nobody else is on the ticket.
 * @param {State} now
 * @param {DraftLine} line
 * @returns {PersonChips | null}
 */
export function personChips(now, line) {
  const beside = others(now);
  if (beside.size === 0 || !isTreatment(line)) return null;
  const names = [now.client?.name ?? t("Walk-in"), ...beside.values()];
  // Two of one given name are told apart by the family name.
  const short = names.map(firstName);
  const shown = new Set(short).size === short.length ? short : names;
  const keys = [null, ...beside.keys()];
  return {
    choices: keys.map((key, at) => ({ person_id: key, name: shown[at] })),
    chosen: line.person_id ?? null,
  };
}

/**
 * Who a line is for, in words, where somebody else is on the ticket.
 * @param {State} now
 * @param {DraftLine} line
 */
export function personWords(now, line) {
  const chips = personChips(now, line);
  const one = chips?.choices.find((choice) => choice.person_id === chips.chosen);
  return one ? t("for {name}", { name: one.name }) : null;
}

/**
 * The line that a key can name another person for: the last treatment, while the client is alone on the ticket.
 * @param {State} now
 */
export function lineForAnother(now) {
  if (!now.client || others(now).size > 0) return null;
  return now.draft.lines.findLast((line) => itemOf(line.item_id)?.kind === "variant")?.line_id ?? null;
}

/** @param {string} lineId */
export const anotherKey = (lineId) =>
  button(t("For another person"), () => anotherPerson(lineId), {
    kind: "quiet",
    iconName: "person-add",
    name: "another-person",
    "aria-haspopup": "dialog",
  });

/**
 * The chips under a line.
 * @param {string} lineId
 * @param {PersonChips} chips
 */
export function personRow(lineId, { choices, chosen: current }) {
  return make(
    "div",
    { class: "line-persons", role: "group", "aria-label": t("Who it is for") },
    choices.map(({ person_id: key, name }) =>
      make("button", {
        type: "button",
        class: "chip",
        "aria-pressed": String(key === current),
        "data-focus": `person-${lineId}-${key ?? "client"}`,
        onclick: () => change((draft) => setPerson(draft, lineId, key)),
        text: name,
      }),
    ),
    make(
      "button",
      {
        type: "button",
        class: "chip",
        "aria-label": t("For another person"),
        "aria-haspopup": "dialog",
        "data-focus": `person-${lineId}-other`,
        onclick: () => anotherPerson(lineId),
      },
      icon("person-add"),
    ),
  );
}

/**
 * Choose who a line is for.
 * @param {string} lineId
 */
export function anotherPerson(lineId) {
  const dialog = dialogById("line-person-dialog");
  const form = /** @type {HTMLFormElement} */ (need(dialog, "[data-find]"));
  const list = need(form, "[data-list]");
  const input = form.elements.words;
  const questions = new FormQuestions(form);

  /** @param {Client} person */
  const take = (person) => {
    chosen.set(person.client_id, person.name);
    if (dialog.open) dialog.close("done");
    change((draft) => setPerson(draft, lineId, person.client_id));
    announce(t("for {name}", { name: person.name }));
  };

  /** @param {string} typed */
  const newKeyRow = (typed) =>
    button(
      t("New client “{name}”", { name: typed }),
      () => {
        dialog.close("new");
        clientForm(typed, take);
      },
      { kind: "quiet", iconName: "person-add", name: "new-person" },
    );

  async function look() {
    const isLast = questions.begin();
    const typed = input.value.trim();
    if (!typed) {
      list.replaceChildren();
      return;
    }
    try {
      const { clients } = await call("GET", `/search?q=${encodeURIComponent(typed)}`, undefined, { timeout: 8000 });
      // Somebody has typed on meanwhile: a later answer is on its way.
      if (!isLast()) return;
      list.replaceChildren(
        ...clients.map((/** @type {Client} */ one) =>
          button([one.name, one.phone ?? one.email, creditsChip(one)].filter(Boolean).join(" · "), () => take(one), {
            name: `person-${one.client_id}`,
          }),
        ),
        newKeyRow(typed),
      );
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (!isLast()) return;
      list.replaceChildren(make("p", { class: "field-error", role: "alert", text: error.message }));
    }
  }

  form.reset();
  list.replaceChildren();
  form.oninput = () => questions.soon(look, PAUSE);
  // Enter takes the first one found.
  form.onsubmit = async (event) => {
    event.preventDefault();
    await look();
    list.querySelector("button")?.click();
  };
  const closed = openDialog(dialog);
  input.focus();
  return closed;
}
