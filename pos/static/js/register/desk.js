/** The desk: loads what it needs, hands the parts to each other, and keeps asking while the server does not answer. */

import { announce, toast } from "../announce.js";
import { Problem } from "../http.js";
import { t } from "../messages.js";
import { call, onHeard } from "./api_client.js";
import { keepVisits } from "./appointments.js";
import { wireCamera } from "./camera.js";
import { clear, mend, settled, show } from "./cart.js";
import { isEmpty } from "./cart_draft.js";
import { add } from "./catalogue.js";
import { due, resume } from "./checkout.js";
import { isDialogOpen, place } from "./dialogs.js";
import { keepDisplayChoice } from "./display_choice.js";
import { button, make, need } from "./dom.js";
import { amount, clockTime } from "./format.js";
import { choose, clientForm, discountForm, lineForm, parkForm, tipForm } from "./forms.js";
import { codeForm, giftForm, takeCardFound } from "./gift_cards.js";
import { enter, showKeys, undoCredits, wireKeys } from "./keys.js";
import { clientSheet, drawer, mailForm, partForm, showParked, showSalePanel, showSales } from "./later.js";
import { heard, openWithout, remembers, sendAll, wireOffline } from "./offline/mode.js";
import { openItemForm } from "./open_items.js";
import { isPartly, set, setDesk, state, watch } from "./state.js";
import { switchPerson } from "./switch_user.js";
import { keepStrip } from "./ticket_strip.js";
import "./pin_pad.js";
import "./search.js";
import "./ticket.js";

/** @param {string} selector */
const one = (selector) => need(document, selector);
const search = /** @type {import("./search.js").Search} */ (one("register-search"));
const frame = one(".desk");
const toDesk = () => one("#main").focus({ preventScroll: true });

/** @param {string | undefined} name */
function pane(name) {
  frame.dataset.pane = name;
  for (const tab of document.querySelectorAll("[data-pane-choice]"))
    tab.setAttribute("aria-pressed", String(tab.dataset.paneChoice === name));
}

async function clearTicket() {
  try {
    const bring = await clear();
    if (bring) offerBack(toast(t("The ticket was cleared."), { action: { text: t("Bring it back"), run: bring } }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    toast(error.message);
  }
  search.take();
}

// The way back is offered until the next ticket begins.
/** @param {HTMLElement} offer */
function offerBack(offer) {
  const stop = watch(({ draft, client }) => {
    if (!draft.lines.length && !client) return;
    offer.remove();
    stop();
  });
}

/** @type {DeskActions} */
const open = {
  search: () => search.take(),
  sales: showSales,
  newClient: () => clientForm(),
  line: (lineId) => {
    const line = state.draft.lines.find((one) => one.line_id === lineId);
    if (line?.part?.lot_id) return partForm({ line });
    if (line?.open_item) return openItemForm({ line });
    return line?.gift ? giftForm({ line }) : lineForm(lineId);
  },
  giftCode: codeForm,
  client: clientSheet,
  discount: discountForm,
  tip: tipForm,
  clear: clearTicket,
  credits: undoCredits,
  drawer,
  mail: mailForm,
  keys: showKeys,
  parked: showParked,
  park: async () => {
    await settled();
    if ((await parkForm()) === "done") {
      toast(t("The ticket is parked."));
      search.take();
    }
  },
};

/**
 * What becomes of a scan: it is looked up, or said in words where something else is being asked.
 * @param {string} text
 * @param {HTMLInputElement | null} field
 */
function scanned(text, field) {
  const form = /** @type {HTMLFormElement | null | undefined} */ (field?.closest("dialog form"));
  if (form && field) {
    /** @type {HTMLElement | null} */
    const row = field.closest("[data-field]");
    place(
      form,
      t("{text} was scanned, so it was not taken here. Type what is asked for, or close this first.", { text }),
      row?.dataset.field,
    );
  } else if (isDialogOpen()) {
    toast(t("{text} was scanned. Close what is open first, then scan it again.", { text }));
  } else if ((state.payment && !isPartly()) || state.ringing) {
    toast(t("{text} was scanned. This ticket is being paid: finish or stop the payment first.", { text }));
  } else if (state.phase === "ready") {
    search.scan(text, field && field !== search.input ? toast : undefined);
  }
}

search.connectTo(
  {
    client: (/** @type {Client} */ client) => {
      choose(client);
      toDesk();
    },
    item: (/** @type {Item} */ item) => {
      add(item);
      toDesk();
    },
    receipt: showSalePanel,
    card: (/** @type {GiftCard} */ card) => {
      takeCardFound(card);
      toDesk();
    },
    new: async (/** @type {string} */ typed) => {
      await clientForm(typed);
      toDesk();
    },
  },
  () => enter(open),
);
const ticket = /** @type {import("./ticket.js").Ticket} */ (one("register-ticket"));
ticket.connectTo(open);
keepDisplayChoice();
keepStrip(one("[data-strip]"), open, () => pane("ticket"));
keepVisits((name) => search.take(name));
wireKeys(search, open, scanned);
wireCamera(one("[data-opens-camera]"), (text) => scanned(text, null));

// A mouse or a finger leaves the keyboard where it was: Enter then takes the money and does not press the same key again.
frame.addEventListener("mousedown", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (target.closest("button, a") && !target.closest("dialog")) event.preventDefault();
});

one("[data-opens-person]").addEventListener("click", switchPerson);
one("[data-opens-drawer]").addEventListener("click", () => drawer());
one("[data-opens-parked]").addEventListener("click", () => showParked());
one("[data-opens-sales]").addEventListener("click", () => showSales());
one("[data-opens-keys]").addEventListener("click", showKeys);
for (const tab of document.querySelectorAll("[data-pane-choice]"))
  tab.addEventListener("click", () => pane(tab.dataset.paneChoice));

watch((now) => {
  if (now.phase !== "ready") return;
  one("#stopped").hidden = !now.stopped;
  one("[data-person]").textContent = now.person?.name ?? "";
  one("[data-shift]").textContent = now.shift
    ? t("Drawer open since {time}", { time: clockTime(now.shift.opened_at) })
    : t("Drawer closed");
  one("[data-opens-parked]").hidden = now.parked.length === 0;
  one("[data-parked]").textContent = String(now.parked.length);
  const owed = now.draft.lines.length ? due() : 0;
  one("[data-tab-due]").textContent = owed === null ? "…" : amount(owed);
  if ((now.payment && !isPartly(now)) || now.paid) pane("ticket");
});

/** @type {Paid | null} */
let shown = null;
watch(({ paid }) => {
  if (shown && !paid) {
    pane("catalogue");
    if (!state.draft.lines.length) search.take();
  }
  shown = paid;
});

/** @param {Problem} error */
function failed(error) {
  const region = one('[data-part="lines"]');
  const again = button(t("Try again"), () => load(), { kind: "primary" });
  region.replaceChildren(
    make(
      "div",
      { class: "state", role: "alert" },
      make("h2", { text: t("The desk could not be opened") }),
      make("p", { text: error.message }),
      make("p", { text: t("Tickets and sales are kept on the server.") }),
      again,
    ),
  );
  announce(t("The desk could not be opened."));
}

async function load() {
  try {
    const known = await call("GET", "/state");
    setDesk(known);
    remembers(known);
    sendAll();
    if (known.ticket) show(known.ticket);
    else if (known.stuck) mend(known.stuck);
    // Who types a name already goes on typing: Enter is for what is found, and does not take the money.
    if (search.isEmpty && !isEmpty(state.draft)) toDesk();
    await resume();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.outcomeUnknown && (await openWithout())) return;
    set({ phase: "failed" });
    failed(error);
  }
}

// The line is tried by itself; whatever waits for an answer goes on when it is back.
setInterval(async () => {
  if (!state.offline || state.local) return;
  try {
    await call("GET", "/token");
    if (state.phase === "failed") await load();
    else await sendAll();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}, 3000);

window.addEventListener("unhandledrejection", () =>
  toast(t("Something went wrong on this page. Nothing was taken. Reload it; the ticket is kept.")),
);

onHeard(heard);
wireOffline();
load();
