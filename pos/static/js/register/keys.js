/** The keyboard and the scanner at the desk: what a key means (key_meaning.js) is done here. */

import { dialogById, openDialog } from "../dialog.js";
import { t } from "../messages.js";
import { again, cancel } from "./card_payment.js";
import { change } from "./cart.js";
import { toggleCredits } from "./cart_draft.js";
import { add } from "./catalogue.js";
import { hindrance, isOwed, maySplit, nextClient, takeCode } from "./checkout.js";
import { addUsual } from "./client_head.js";
import { isDialogOpen } from "./dialogs.js";
import { make, need } from "./dom.js";
import { toggleAccount } from "./gift_cards.js";
import { END, KeyMeaning } from "./key_meaning.js";
import { coveredLines } from "./lines.js";
import { IN_COMPOSITION } from "./search.js";
import { letterOf, shown } from "./shortcuts.js";
import { isPartly, items, may, set, state, watch } from "./state.js";
import { takeOff } from "./take_off.js";
import { takeDue } from "./ticket_footer.js";

/** Offer the credits of this ticket, or take them off. */
export const undoCredits = () => change((draft) => toggleCredits(draft, coveredLines(state)));

const mayPay = () => !hindrance() && isOwed();

/** What may be done while a ticket is paid in part: the rest of it is taken. */
const OF_PARTS = "KXBQGW";

/** @param {string} name */
const press = (name) => /** @type {HTMLElement | null} */ (document.querySelector(`[data-focus="${name}"]`))?.click();

/**
 * @param {DeskActions} open
 * @returns {Record<string, () => unknown>}
 */
function commands(open) {
  return {
    U: () => undoCredits(),
    P: () => state.draft.lines.length && open.park(),
    K: () => mayPay() && (state.mode === "split" ? press("part-cash") : set({ mode: "cash" })),
    X: () => mayPay() && maySplit() && set({ mode: "split" }),
    B: () => state.mode === "split" && press("part-card"),
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

/**
 * What a letter with the modifier does while a ticket is being made, or undefined.
 * @param {string} letter
 * @param {DeskActions} open
 */
function command(letter, open) {
  const item = items().find((one) => one.key?.toUpperCase() === letter);
  return item ? () => add(item) : commands(open)[letter];
}

/** @param {SearchBox} search */
function leave(search) {
  if (state.payment && !isPartly()) {
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
  else if (state.payment && !isPartly()) {
    if (state.payment.state === "declined") again();
  } else if (!state.ringing && state.mode === "pick" && !addUsual()) takeDue(open);
}

const FIELD = "input, select, textarea";

/**
 * @param {Element} target
 * @param {SearchBox} search
 * @returns {KeyPlace}
 */
function placeOf(target, search) {
  const field = target.closest(FIELD);
  const takesScans =
    /** @type {HTMLInputElement} */ (field)?.type === "password" || field?.hasAttribute("data-takes-scan");
  const kind =
    field === search.input
      ? "search"
      : field
        ? takesScans
          ? "code"
          : "field"
        : target.closest("button, a")
          ? "control"
          : "page";
  return { kind, dialog: isDialogOpen(), empty: search.isEmpty };
}

/**
 * Listen before anybody else, and do what each key means.
 * @param {SearchBox} search
 * @param {DeskActions} open
 * @param {(text: string, field: HTMLInputElement | null) => void} scanned what to do with a scan; its field has its old value again
 */
export function wireKeys(search, open, scanned) {
  let meaning = new KeyMeaning();
  /** @type {HTMLInputElement | null} */
  let field = null;
  let before = "";
  /** @type {number | undefined} */
  let ends;

  watch(({ scanner }) => {
    if (scanner.prefix !== meaning.prefix || scanner.suffix !== meaning.suffix) meaning = new KeyMeaning(scanner);
  });

  /** @param {string} text */
  function take(text) {
    clearTimeout(ends);
    if (field) {
      field.value = before;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    scanned(text, field);
  }

  /**
   * @param {Meaning} meant
   * @param {KeyboardEvent} event
   */
  function act(meant, event) {
    if (meant.does === "swallow") event.stopImmediatePropagation();
    else if (meant.does === "scan") {
      event.stopImmediatePropagation();
      take(meant.text);
    } else if (meant.does === "type") {
      // The browser writes the key where the focus is now: accents and input methods work as in any field.
      if (state.paid) nextClient();
      search.take();
      return;
    } else if (meant.does === "command") {
      const run = command(meant.letter, open);
      if (!run) return;
      const isFree = !state.payment || (isPartly() && OF_PARTS.includes(meant.letter));
      if (!state.paid && isFree && !state.ringing) run();
    } else if (meant.does === "enter") enter(open);
    else if (meant.does === "leave") leave(search);
    else if (meant.does === "remove") {
      const last = state.draft.lines.at(-1);
      if (last && !state.paid) takeOff(last.line_id);
    } else if (meant.does === "keys") open.keys();
    else if (meant.does === "find") search.take();
    else return;
    event.preventDefault();
  }

  document.addEventListener(
    "keydown",
    (event) => {
      const { key, repeat, timeStamp: at } = event;
      const isPrint = (event.ctrlKey || event.metaKey) && key === "p" && state.paid && !isDialogOpen();
      if (isPrint) {
        event.preventDefault();
        document.querySelector('[data-paper="print"]')?.click();
        return;
      }
      if (state.phase !== "ready") return;
      const target = /** @type {Element} */ (event.target);
      const letter = letterOf(event);
      const modified = event.ctrlKey || event.metaKey || event.altKey;
      // AltGr is Ctrl and Alt on Windows, and what it writes is text.
      const writes = key.length === 1 && event.getModifierState("AltGraph");
      const composing = event.isComposing || event.keyCode === IN_COMPOSITION;
      const stroke = { key, at, letter, modified: modified && !writes, composing, repeat };
      const meant = meaning.read(stroke, placeOf(target, search));
      if (meant.begins) {
        field = meant.does === "type" ? search.input : target.closest("input, textarea");
        before = field?.value ?? "";
      }
      clearTimeout(ends);
      ends = setTimeout(() => {
        const over = meaning.pause();
        if (over.does === "scan") take(over.text);
      }, END);
      act(meant, event);
    },
    true,
  );

  document.addEventListener("pointerdown", () => meaning.interrupt(), true);
}

/** Show every key. */
export function showKeys() {
  const rows = [
    ["/", t("Find a client, an item, a code or a receipt. Whatever is typed goes there by itself; Esc does too.")],
    [
      "Enter",
      t("Take what is due: by card, in cash, or the credits. On an empty ticket: what the client usually has."),
    ],
    ["K", t("Cash")],
    ["X", t("Split: a part in cash or by card, then the rest by any means")],
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
    ["⌫", t("Take the last line off, outside the search; it can be undone")],
    ["Esc", t("Back; while the card is awaited: stop")],
    ["Ctrl P", t("Print the receipt, when it is paid")],
    ["?", t("These keys")],
  ];
  need(document, "[data-keys]").replaceChildren(
    ...rows.map(([key, words]) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, make("kbd", { text: shown(key ?? "") })),
        make("td", { text: words }),
      ),
    ),
  );
  return openDialog(dialogById("keys-dialog"));
}
