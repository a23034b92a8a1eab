/** Who the client on the ticket is: last visit, note and allergy, the usual treatment on Enter, the usual therapist as a key. */

import { newKey, Problem } from "../http.js";
import { t } from "../messages.js";
import { call } from "./api_client.js";
import { change } from "./cart.js";
import { addItem, changeLine } from "./cart_draft.js";
import { button, icon, make } from "./dom.js";
import { day, therapistName } from "./format.js";
import { itemOf, set, state, watch } from "./state.js";

/** @type {string | null} */
let asked = null;

/** @param {string} clientId */
async function look(clientId) {
  try {
    const about = await call("GET", `/clients/${clientId}`);
    if (asked === clientId) set({ about });
  } catch (error) {
    // The ticket goes on without it; what is known of them is asked for again with the next ticket.
    if (!(error instanceof Problem)) throw error;
  }
}

watch(({ phase, client }) => {
  const clientId = phase === "ready" ? (client?.client_id ?? null) : null;
  if (clientId === asked) return;
  asked = clientId;
  if (clientId) look(clientId);
});

/**
 * What is known of the client on the ticket, once the server has told it.
 * @param {State} now
 */
export const aboutClient = ({ about, client }) => (about && about.client_id === client?.client_id ? about : null);

/**
 * The treatment that the client on an empty ticket usually has, and by whom; null where it is not sold here.
 * @param {State} now
 */
export function usualOf(now) {
  const about = aboutClient(now);
  const item = about?.usual_item_id ? itemOf(about.usual_item_id) : undefined;
  if (!item || !now.shift || now.payment || now.ringing || now.paid || now.draft.lines.length > 0) return null;
  return { item, therapist: therapistOf(now) };
}

/** @param {State} now */
export const therapistOf = (now) =>
  now.therapists.find((one) => one.staff_id === aboutClient(now)?.usual_therapist_id) ?? null;

/** Put the usual treatment on the ticket, as the key says it; false where there is none to put. */
export function addUsual() {
  const usual = usualOf(state);
  if (!usual) return false;
  const lineId = newKey();
  change((draft) => {
    const added = addItem(draft, usual.item, lineId);
    return usual.therapist ? changeLine(added, lineId, { therapist_id: usual.therapist.staff_id }) : added;
  });
  return true;
}

/** @param {State} now */
function usualWords(now) {
  const usual = usualOf(now);
  if (!usual) return null;
  const facts = { name: usual.item.name, therapist: therapistName(usual.therapist ?? undefined) ?? "" };
  return usual.therapist ? t("Usual: {name}, with {therapist}", facts) : t("Usual: {name}", facts);
}

/** @param {NonNullable<Client["last_visit"]>} visit */
function lastWords({ on, name, therapist }) {
  const facts = { day: day(on), name, therapist: therapist ?? "" };
  return therapist ? t("Last visit {day}: {name}, with {therapist}", facts) : t("Last visit {day}: {name}", facts);
}

/**
 * Nothing where it is not known: without the server nobody is called new.
 * @param {Client} about
 */
function lastSaid({ last_visit: last }) {
  if (last === undefined) return "";
  return last ? lastWords(last) : t("First visit");
}

/**
 * What the head of the ticket is drawn from.
 * @param {State} now
 * @returns {AboutModel | null}
 */
export function aboutModel(now) {
  const about = aboutClient(now);
  if (!about) return null;
  return {
    allergy: about.has_allergy ? about.allergy || t("not said to what") : null,
    note: about.note || null,
    last: lastSaid(about),
    usual: usualWords(now),
  };
}

/**
 * The chip of an allergy, the note and the last visit, and the key of the usual treatment.
 * @param {AboutModel} about
 */
export function aboutRows({ allergy, note, last, usual }) {
  return [
    allergy && make("span", { class: "chip warn" }, icon("warning"), t("Allergy: {what}", { what: allergy })),
    make(
      "p",
      { class: "ticket-about soft" },
      last,
      note && make("span", { class: "ticket-note", title: note }, icon("note"), note.split("\n")[0]),
    ),
    usual && button(usual, addUsual, { key: "Enter", name: "usual" }),
  ];
}
