/** Who treats, as chips: on a line of the ticket, and where a tip has nobody yet. */

import { t } from "../messages.js";
import { change } from "./cart.js";
import { setTherapist, setTip } from "./cart_draft.js";
import { therapistOf } from "./client_head.js";
import { button, make, option } from "./dom.js";
import { amount, therapistName } from "./format.js";
import { itemOf, set, state } from "./state.js";

/** @param {DraftLine} line */
const kindOf = (line) => itemOf(line.item_id)?.kind;

/** The line whose therapist is being changed, by its key. */
let changing = "";

/**
 * What the chips under a line are drawn from; null where nobody can be named.
 * @param {DraftLine} line
 * @param {State} now
 * @returns {LineRow["treats"]}
 */
export function treatsModel(line, now) {
  if (kindOf(line) !== "variant" || now.therapists.length === 0 || now.payment || now.ringing) return null;
  const named = now.therapists.find((one) => one.staff_id === line.therapist_id);
  const open = line.therapist_id === null || changing === line.line_id;
  // Whom the client of the ticket is used to comes first; another person's habits are not looked up.
  const usual = line.person_id ? null : therapistOf(now)?.staff_id;
  const those = [...now.therapists].sort(
    (one, other) => Number(other.staff_id === usual) - Number(one.staff_id === usual),
  );
  return {
    named: therapistName(named) ?? (line.therapist_id ? t("somebody else") : null),
    chips: open ? those.map((one) => ({ staff_id: one.staff_id, name: chipWords(one, usual) })) : [],
    chosen: line.therapist_id,
  };
}

/**
 * @param {Therapist} one
 * @param {string | null | undefined} usual
 */
function chipWords(one, usual) {
  const name = therapistName(one) ?? "";
  return one.staff_id === usual ? t("{name}, as usual", { name }) : name;
}

/**
 * @param {string} lineId
 * @param {string} staffId
 */
function choose(lineId, staffId) {
  changing = "";
  change((draft) => setTherapist(draft, lineId, staffId, (line) => kindOf(line) === "add_on"));
}

/**
 * The chips under a line: everybody who treats here, or the one who does and the way to another.
 * @param {string} lineId
 * @param {string} name of the line
 * @param {NonNullable<LineRow["treats"]>} treats
 */
export function therapistChips(lineId, name, { named, chips, chosen }) {
  /** @param {string} words @param {Attributes} given */
  const chip = (words, given) => make("button", { type: "button", class: "tip-key", text: words, ...given });
  if (chips.length === 0) {
    const again = () => {
      changing = lineId;
      set({});
    };
    return make(
      "div",
      { class: "line-who" },
      chip(named ?? "", {
        "aria-label": t("{therapist} treats: {name}. Change it", { therapist: named ?? "", name }),
        "aria-pressed": "true",
        "data-focus": `who-${lineId}`,
        onclick: again,
      }),
    );
  }
  return make(
    "div",
    { class: "line-who", role: "group", "aria-label": t("Who treats: {name}", { name }) },
    chips.map((one) =>
      chip(one.name, {
        "aria-pressed": String(one.staff_id === chosen),
        "data-focus": one.staff_id === chosen ? `who-${lineId}` : `who-${lineId}-${one.staff_id}`,
        onclick: () => choose(lineId, one.staff_id),
      }),
    ),
  );
}

/**
 * The choices of who treats, in a form.
 * @param {string | null | undefined} chosen
 */
export const therapistChoices = (chosen) => [
  option("", t("Nobody named"), !chosen),
  ...state.therapists.map((one) => option(one.staff_id, therapistName(one), one.staff_id === chosen)),
];

// ---- a tip that is nobody's

/** The ticket of which somebody said that its tip is the pool's. */
let pooled = "";

/** Whether somebody said that the tip of this ticket is the pool's. */
export const isPooled = () => pooled !== "" && pooled === state.ticket?.ticket_id;

/**
 * Say whose the tip is: a person's, or the pool's (null).
 * @param {string | null} staffId
 */
export function giveTip(staffId) {
  pooled = staffId === null ? (state.ticket?.ticket_id ?? "") : "";
  change((draft) => setTip(draft, { ...draft.tip, staff_id: staffId }));
  set({});
}

/** Whether it must be asked first who gets the tip: no line says it, and nobody has. */
export const isTipNobodys = () =>
  Boolean(state.draft.tip) &&
  state.therapists.length > 0 &&
  !isPooled() &&
  (state.ticket?.tip_shares ?? []).some((one) => one.staff_id === null);

/** @type {() => unknown} */
let goOn = () => {};

/**
 * Ask in the foot of the ticket who gets the tip; what was about to be done is done with the answer.
 * @param {() => unknown} next
 */
export function askWhose(next) {
  goOn = next;
  set({ mode: "whose", typed: null });
}

/** The question as the foot shows it. */
export function whosePanel() {
  /** @param {string | null} staffId */
  const answer = (staffId) => () => {
    set({ mode: "pick" });
    giveTip(staffId);
    goOn();
  };
  /** @param {string | null} staffId @param {string} name */
  const key = (staffId, name) => button(name, answer(staffId), { name: `whose-${staffId ?? "pool"}` });
  const words = t("Who gets the tip of {amount}?", { amount: amount(state.ticket?.totals?.tip_minor ?? 0) });
  return make(
    "div",
    { class: "ticket-says", role: "group", "aria-label": words },
    make(
      "div",
      { class: "row spread" },
      make("p", { role: "status", text: words }),
      button(t("Back"), () => set({ mode: "pick" }), { kind: "quiet", iconName: "back", key: "Esc", name: "back" }),
    ),
    make(
      "div",
      { class: "row whose" },
      state.therapists.map((one) => key(one.staff_id, one.name)),
      key(null, t("Pool")),
    ),
  );
}
