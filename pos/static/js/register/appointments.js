/** Today's visits: on the empty ticket, each rung up in one tap; planned and changed in a dialog. Without any, the last sales. */

import { toast } from "../announce.js";
import { newKey, Problem } from "../http.js";
import { t } from "../messages.js";
import { call, insist } from "./api_client.js";
import { change, settled, show, startNew } from "./cart.js";
import { isEmpty } from "./cart_draft.js";
import { askForm } from "./dialogs.js";
import { button, icon, make, need, option, sum } from "./dom.js";
import { FormQuestions } from "./form_questions.js";
import { amount, clientFacts, clockTime } from "./format.js";
import { showSalePanel } from "./later.js";
import { set, state, watch } from "./state.js";
import { therapistChoices } from "./therapists.js";

/** How often the list is asked for while it is looked at. Milliseconds. */
const AGAIN = 60_000;

/** @type {DayOfVisits | null} */
let known = null;
let showsAll = false;
let isOpening = false;
/** @type {(name: string) => void} */
let findClient = () => {};

/** Ask for the visits of today; the last answer stays where there is none. */
async function look() {
  try {
    learn(await call("GET", "/appointments", undefined, { byItself: true }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

/** @param {DayOfVisits} answer */
function learn(answer) {
  if (answer.on !== answer.today) return;
  known = answer;
  set({});
}

/**
 * Keep the list fresh while the ticket is empty.
 * @param {(name: string) => void} find looks for a client whose name alone is known
 */
export function keepVisits(find) {
  findClient = find;
  let wasEmpty = false;
  watch((now) => {
    const isNow = now.phase === "ready" && isEmpty(now.draft) && !now.paid && !now.payment;
    if (isNow && !wasEmpty) queueMicrotask(look);
    wasEmpty = isNow;
  });
  setInterval(() => wasEmpty && !document.hidden && look(), AGAIN);
}

/** What the empty ticket is drawn from. */
export const emptyModel = () => ({ known, showsAll });

/**
 * Take the ticket of a visit up; what was put on another one while the server made it comes with it.
 * @param {Ticket} ticket
 */
async function bring(ticket) {
  const { ticket: other, draft } = state;
  show(ticket);
  if (draft.lines.length) change((now) => ({ ...now, lines: [...now.lines, ...draft.lines] }));
  if (other) await insist("POST", `/tickets/${other.ticket_id}/drop`, {});
}

/** @param {ExpectedVisit} visit */
async function ringUp(visit) {
  if (isOpening) return;
  isOpening = true;
  try {
    await settled();
    if (!isEmpty(state.draft)) return;
    startNew();
    const ticket = await insist("POST", `/appointments/${visit.appointment_id}/ring-up`, { ticket_id: newKey() });
    await settled();
    await bring(ticket);
    document.getElementById("main")?.focus({ preventScroll: true });
    if (!ticket.client) {
      toast(
        t("{name} is not known as a client yet. Choose or add them, or leave it a walk-in.", { name: visit.client }),
      );
      findClient(visit.client);
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    toast(error.message);
    look();
  } finally {
    isOpening = false;
  }
}

/** @param {ExpectedVisit} visit */
function words({ state: standing, receipt, ticket_state: ticket }) {
  if (ticket) return ticket === "parked" ? t("parked") : t("on a ticket");
  /** @type {Record<string, string>} */
  const found = {
    expected: "",
    arrived: t("arrived"),
    rung_up: receipt ?? "",
    missed: t("missed"),
    cancelled: t("cancelled"),
  };
  return found[standing];
}

/** @param {ExpectedVisit} visit */
function visitRow(visit) {
  const facts = [visit.item, visit.therapist, words(visit), visit.note].filter(Boolean).join(" · ");
  const isDone = visit.state === "rung_up" || visit.state === "cancelled";
  const row = [
    make("span", { class: "visit-time money", text: visit.at }),
    make("span", {}, make("strong", { text: visit.client }), make("small", { text: facts })),
  ];
  const main = isDone
    ? make("div", { class: "visit-row done" }, row)
    : make(
        "button",
        {
          type: "button",
          class: "visit-row",
          "data-focus": `visit-${visit.appointment_id}`,
          "aria-label": t("Ring up {time}, {name}, {facts}", { time: visit.at, name: visit.client, facts }),
          onclick: () => ringUp(visit),
        },
        row,
      );
  return make(
    "li",
    {},
    main,
    visit.state !== "rung_up" &&
      make(
        "button",
        {
          type: "button",
          class: "ticket-tool",
          "aria-label": t("Change the visit of {name}", { name: visit.client }),
          "aria-haspopup": "dialog",
          "data-focus": `change-${visit.appointment_id}`,
          onclick: () => visitForm(visit),
        },
        icon("edit"),
      ),
  );
}

/** @param {FoundSale} sale */
function saleRow(sale) {
  return make(
    "li",
    {},
    make(
      "button",
      { type: "button", class: "visit-row", "data-focus": `sale-${sale.sale_id}`, onclick: () => showSalePanel(sale) },
      make("span", { class: "visit-time money", text: clockTime(sale.completed_at) }),
      make("span", {}, make("strong", { text: sale.client ?? t("Walk-in") }), make("small", { text: sale.receipt })),
      sum(amount(sale.total_minor)),
    ),
  );
}

const addKey = () =>
  button(t("Add a visit"), () => visitForm(null), { kind: "quiet", iconName: "calendar", name: "add-visit" });

/**
 * What an empty ticket shows below its words, or null where there is nothing yet.
 * @returns {Children}
 */
export function emptyList() {
  if (!known) return null;
  const { visits, sales } = known;
  if (visits.length) {
    const toCome = visits.filter((one) => one.state === "expected" || one.state === "arrived");
    const shown = showsAll ? visits : toCome;
    const toggle = () => {
      showsAll = !showsAll;
      set({});
    };
    return make(
      "section",
      { class: "desk-list", "aria-labelledby": "visits-head" },
      make(
        "div",
        { class: "row spread" },
        make("h3", { id: "visits-head", text: t("Today’s visits") }),
        toCome.length < visits.length &&
          button(showsAll ? t("Only those to come") : t("All {count}", { count: visits.length }), toggle, {
            kind: "quiet",
            name: "all-visits",
          }),
      ),
      shown.length
        ? make("ul", {}, shown.map(visitRow))
        : make("p", { class: "soft", text: t("Nobody else is expected today.") }),
      addKey(),
    );
  }
  return make(
    "section",
    { class: "desk-list", "aria-labelledby": "visits-head" },
    sales.length > 0 && make("h3", { id: "visits-head", text: t("Last sales of this desk") }),
    sales.length > 0 && make("ul", {}, sales.map(saleRow)),
    addKey(),
  );
}

/**
 * Clients whose name is like what is typed, each with a key that takes them.
 * @param {HTMLFormElement} form
 */
function offerClients(form) {
  const list = need(form, "[data-alike]");
  const { client_name: name, client_id: key } = form.elements;
  const questions = new FormQuestions(form);
  /** @param {Client} one */
  const take = (one) => {
    name.value = one.name;
    key.value = one.client_id;
    list.replaceChildren(make("p", { class: "hint", text: t("A known client: {name}", { name: one.name }) }));
  };
  const find = async () => {
    const typed = name.value.trim();
    const isLast = questions.begin();
    if (typed.length < 2 || key.value) return;
    try {
      const { clients } = await call("GET", `/search?${new URLSearchParams({ q: typed })}`);
      if (!isLast() || name.value.trim() !== typed || key.value) return;
      list.replaceChildren(
        ...clients.slice(0, 4).map((/** @type {Client} */ one) =>
          button(clientFacts(one), () => take(one), {
            kind: "quiet",
            name: `use-${one.client_id}`,
          }),
        ),
      );
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  };
  name.oninput = () => {
    key.value = "";
    list.replaceChildren();
    questions.soon(find, 200);
  };
}

/**
 * Add a visit, or change one.
 * @param {ExpectedVisit | null} visit
 */
function visitForm(visit) {
  const key = visit?.appointment_id ?? newKey();
  return askForm(
    "visit-dialog",
    (form, dialog) => {
      need(dialog, "h2").textContent = visit ? t("Visit at {time}", { time: visit.at }) : t("Add a visit");
      const fields = form.elements;
      fields.item_id.replaceChildren(
        ...state.menu.services.flatMap((service) =>
          service.variants.map((one) => option(one.item_id, one.name, one.item_id === visit?.item_id)),
        ),
      );
      fields.therapist_id.replaceChildren(...therapistChoices(visit?.therapist_id));
      fields.visit_on.value = visit?.on ?? known?.today ?? "";
      fields.starts_at.value = visit?.at ?? "";
      fields.client_name.value = visit?.client ?? "";
      fields.client_id.value = visit?.client_id ?? "";
      fields.note.value = visit?.note ?? "";
      fields.state.value = visit?.state ?? "expected";
      need(form, '[data-field="state"]').hidden = !visit;
      need(form, "[data-alike]").replaceChildren();
      offerClients(form);
    },
    async (form) => {
      const fields = form.elements;
      const body = {
        appointment_id: key,
        visit_on: fields.visit_on.value,
        starts_at: fields.starts_at.value,
        client_name: fields.client_name.value,
        client_id: fields.client_id.value || null,
        item_id: fields.item_id.value,
        therapist_id: fields.therapist_id.value || null,
        note: fields.note.value,
        state: fields.state.value,
      };
      const answer = visit
        ? await insist("PUT", `/appointments/${key}`, body)
        : await insist("POST", "/appointments", body);
      if (answer.on === answer.today) learn(answer);
      else look();
    },
  );
}
