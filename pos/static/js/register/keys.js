/** The keyboard: a key that stands alone acts while a ticket is being made; whatever else is typed goes to the search. */

import { dialogById, openDialog } from "../dialog.js";
import { t } from "../messages.js";
import { again, cancel } from "./card_payment.js";
import { change } from "./cart.js";
import { isEmpty, removeLine, toggleCredits } from "./cart_draft.js";
import { add } from "./catalogue.js";
import { cardFirst, hindrance, isOwed, nextClient, takeCode } from "./checkout.js";
import { addUsual } from "./client_head.js";
import { isDialogOpen } from "./dialogs.js";
import { make, need } from "./dom.js";
import { toggleAccount } from "./gift_cards.js";
import { coveredLines } from "./lines.js";
import { items, may, set, state } from "./state.js";
import { takeDue } from "./ticket_footer.js";

/** A single key acts when no other key came this long before it and comes this long after it: nobody is typing. Milliseconds. */
const ALONE = 400;

/** Offer the credits of this ticket, or take them off. */
export const undoCredits = () => change((draft) => toggleCredits(draft, coveredLines(state)));

const mayPay = () => !hindrance() && isOwed();

/**
 * @param {DeskActions} open
 * @returns {Record<string, () => unknown>}
 */
function commands(open) {
  return {
    U: () => undoCredits(),
    P: () => state.draft.lines.length && open.park(),
    K: () => mayPay() && set({ mode: "cash" }),
    X: () => mayPay() && cardFirst() && set({ mode: "split" }),
    Q: () => mayPay() && takeCode(),
    G: () => state.draft.lines.length && open.giftCode(),
    W: () =>
      (state.client?.account_credit_minor || state.draft.stored.some((one) => one.kind === "account_credit")) &&
      toggleAccount(),
    I: () => state.client && open.client(),
    T: () => (state.ticket?.totals?.tip_base_minor ?? 0) > 0 && open.tip(),
    R: () => open.sales(),
    D: () => state.draft.lines.length && may("discount") && open.discount(),
  };
}

/** @param {string} key */
const itemByKey = (key) => items().find((item) => item.key?.toUpperCase() === key);

/**
 * What a key does while a ticket is being made, or undefined.
 * @param {string} key
 * @param {DeskActions} open
 */
function single(key, open) {
  const upper = key.toUpperCase();
  const item = itemByKey(upper);
  return item ? () => add(item) : commands(open)[upper];
}

/** @param {SearchBox} search */
function leave(search) {
  if (state.payment) {
    if (state.payment.state === "pending" || state.payment.state === "created") cancel();
  } else if (state.mode !== "pick") {
    set({ mode: "pick", typed: null });
    document.getElementById("main")?.focus({ preventScroll: true });
  } else {
    search.take();
  }
}

/**
 * What Enter does where no field and no button has the focus.
 * @param {DeskActions} open
 */
export function enter(open) {
  if (state.phase !== "ready") return;
  if (state.paid) nextClient();
  else if (state.payment) {
    if (state.payment.state === "declined") again();
  } else if (!state.ringing && state.mode === "pick" && !addUsual()) takeDue(open);
}

/**
 * Listen.
 * @param {SearchBox} search
 * @param {DeskActions} open
 */
export function wireKeys(search, open) {
  /** @type {{key: string, run: () => unknown, marked: HTMLElement[], timer: number} | null} */
  let held = null;
  let typedAt = -Infinity;

  /** Forget the key that waits; returns what it would do. */
  const drop = () => {
    const { run } = held ?? {};
    clearTimeout(held?.timer);
    for (const one of held?.marked ?? []) one.classList.remove("armed");
    held = null;
    return run;
  };

  // What was possible when the key was pressed may not be any more.
  const release = () => {
    const run = drop();
    if (!isDialogOpen() && !state.paid && !state.payment && !state.ringing) run?.();
  };

  /**
   * Let a key wait until it is known to stand alone, and show that it was seen.
   * @param {string} key
   * @param {() => unknown} run
   */
  const hold = (key, run) => {
    const marked = [...document.querySelectorAll(`[aria-keyshortcuts="${CSS.escape(key.toUpperCase())}"]`)];
    for (const one of marked) one.classList.add("armed");
    held = { key, run, marked, timer: setTimeout(release, ALONE) };
  };

  /** @param {string} text */
  const toSearch = (text) => {
    if (state.paid) nextClient();
    search.take(search.input.value + text);
  };

  /**
   * @param {KeyboardEvent} event
   * @param {boolean} isAlone
   */
  function typed(event, isAlone) {
    const { key } = event;
    if (key === "?") {
      event.preventDefault();
      open.keys();
    } else if (key === "/") {
      event.preventDefault();
      search.take();
    } else if (held) {
      // A second key this soon is a word or a code: the first one belonged to it.
      const { key: first } = held;
      drop();
      event.preventDefault();
      toSearch(first + key);
    } else {
      const run = isAlone && !state.paid && !state.payment && !isEmpty(state.draft) && single(key, open);
      if (run) {
        event.preventDefault();
        hold(key, run);
      } else if (!state.payment && key !== " ") {
        event.preventDefault();
        toSearch(key);
      }
    }
  }

  document.addEventListener("keydown", (event) => {
    const isAlone = event.timeStamp - typedAt > ALONE;
    typedAt = event.key.length === 1 ? event.timeStamp : -Infinity;
    if (event.defaultPrevented || event.isComposing || event.repeat || isDialogOpen() || state.phase !== "ready")
      return;
    if ((event.ctrlKey || event.metaKey) && event.key === "p" && state.paid) {
      event.preventDefault();
      document.querySelector('[data-paper="print"]')?.click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {Element} */ (event.target);
    const inSearch = target === search.input;
    const inField = target.closest("input, select, textarea");
    const inOther = inField && !inSearch;
    if (event.key === "Escape") {
      drop();
      leave(search);
    } else if (inOther || inSearch) {
      if (inSearch && "?/".includes(event.key) && search.isEmpty) typed(event, isAlone);
    } else if (event.key === "Enter") {
      if (target.closest("button, a")) return;
      event.preventDefault();
      if (held) release();
      enter(open);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      if (drop()) return;
      const last = state.draft.lines.at(-1);
      if (last) change((draft) => removeLine(draft, last.line_id));
    } else if (event.key.length === 1) {
      if (event.key === " " && target.closest("button, a")) return;
      typed(event, isAlone);
    }
  });

  // A hand that goes to the mouse or the screen has stopped typing: the key stood alone.
  document.addEventListener(
    "pointerdown",
    () => {
      typedAt = -Infinity;
      release();
    },
    true,
  );
}

/** Show every key. */
export function showKeys() {
  const rows = [
    ["/", t("Find a client, an item, a code or a receipt. Esc goes there too.")],
    [
      "Enter",
      t("Take what is due: by card, in cash, or the credits. On an empty ticket: what the client usually has."),
    ],
    ["K", t("Cash")],
    ["X", t("Split: cash first, then the rest by card")],
    ["Q", t("QR code the client pays on their phone")],
    ...items()
      .filter((item) => item.key)
      .map((item) => [item.key?.toUpperCase(), item.name]),
    ["G", t("Gift card: scan or type its code")],
    ["W", t("Account credit of the client, or no longer")],
    ["I", t("What the client has: packages, a payment, a missed visit, account credit")],
    ["U", t("Use no credit, or use it again")],
    ["T", t("Tip of any amount")],
    ...(may("discount") ? [["D", t("Discount on the ticket")]] : []),
    ["R", t("Receipts: the sales of this desk, looked at again")],
    ["P", t("Park the ticket")],
    ["⌫", t("Take the last line off")],
    ["Esc", t("Back; while the card is awaited: stop")],
    ["Ctrl P", t("Print the receipt, when it is paid")],
    ["?", t("These keys")],
  ];
  need(document, "[data-keys]").replaceChildren(
    ...rows.map(([key, words]) =>
      make("tr", {}, make("th", { scope: "row" }, make("kbd", { text: key })), make("td", { text: words })),
    ),
  );
  return openDialog(dialogById("keys-dialog"));
}
