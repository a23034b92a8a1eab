/** One box for clients, items, codes and receipts. The answer of an older question is dropped. */

import { announce, toast } from "../announce.js";
import { Problem } from "../http.js";
import { t } from "../messages.js";
import { call } from "./api_client.js";
import { isDialogOpen } from "./dialogs.js";
import { icon, make, need, sum } from "./dom.js";
import { amount, creditsChip } from "./format.js";
import { isPartly, itemOf, state } from "./state.js";

// What is pasted or typed at one stroke is asked for once. Fast typists leave 80 ms between keys: a longer pause saves no question.
const PAUSE = 20;
/** `keyCode` of a key that an input method took: Safari tells only by this that Enter ended a composition. */
export const IN_COMPOSITION = 229;

/**
 * The options for an answer; the best one is marked `best`. Pure but for `itemOf`.
 * @param {string} text
 * @param {SearchAnswer} answer
 * @returns {Option[]}
 */
export function optionsFor(text, answer) {
  const typed = text.trim().toLowerCase();
  const items = answer.items.map(
    (found) => /** @type {Item & {by_code?: boolean}} */ ({ ...itemOf(found.item_id), ...found }),
  );
  const exact = items.find((item) => item.by_code);
  /** @type {Option[]} */
  const clients = answer.clients.map((client) => ({
    group: t("Clients"),
    kind: "client",
    id: client.client_id,
    words: client.name,
    detail: client.phone ?? client.email,
    chip: client,
    value: client,
  }));
  /** @type {Option[]} */
  const things = items.map((item) => ({
    group: t("On the menu"),
    kind: "item",
    id: item.item_id,
    words: item.name,
    figure: item.price_minor,
    value: item,
    best: item === exact,
  }));
  /** @type {Option[]} */
  const receipts = answer.receipts.map((sale) => ({
    group: t("Receipts"),
    kind: "receipt",
    id: sale.sale_id,
    words: sale.receipt,
    value: sale,
    best: sale.receipt.toLowerCase() === typed,
  }));
  /** @type {Option[]} */
  const cards = (answer.gift_cards ?? []).map((card) => ({
    group: t("Gift cards"),
    kind: "card",
    id: card.card_id,
    words: t("Gift card •••• {last4}", { last4: card.last4 }),
    figure: card.balance_minor,
    value: card,
    best: true,
  }));
  /** @type {Option[]} */
  const found = [...cards, ...clients, ...things, ...receipts];
  if (answer.sentence || cards.length || answer.scanned) return found;
  if (/[\p{L}@]|\d{5}/u.test(typed) && !exact && receipts.length === 0) {
    found.push({
      group: t("Not here yet"),
      kind: "new",
      id: "new",
      words: t("New client “{name}”", { name: text.trim() }),
      value: text.trim(),
    });
  }
  return found;
}

/** @type {Record<Option["kind"], string>} */
const ICONS = { client: "person", item: "tag", receipt: "receipt", new: "person-add", card: "gift" };

/**
 * @param {string} words
 * @param {string} typed
 */
function marked(words, typed) {
  const at = typed ? words.toLowerCase().indexOf(typed.toLowerCase()) : -1;
  if (at < 0) return [words];
  return [
    words.slice(0, at),
    make("mark", { text: words.slice(at, at + typed.length) }),
    words.slice(at + typed.length),
  ];
}

export class Search extends HTMLElement {
  /** @type {number | undefined} */
  #timer;
  /** @type {AbortController | null} */
  #asking = null;
  /** @type {Option[]} */
  #options = [];
  #at = 0;
  #answered = "";
  #enterWaits = false;
  #scans = Promise.resolve();
  /** @type {Picks} */
  picks = {};
  onEnter = () => {};
  input = /** @type {HTMLInputElement} */ (need(this, "input"));
  list = need(this, ".found");

  /**
   * @param {Picks} picks what happens with the one chosen
   * @param {() => void} onEnter what Enter in the empty box does
   */
  connectTo(picks, onEnter) {
    this.picks = picks;
    this.onEnter = onEnter;
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("blur", () => this.#close());
    this.input.addEventListener("focus", () => this.input.value.trim() && this.#typed());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      /** @type {HTMLElement | null} */
      const option = /** @type {Element} */ (event.target).closest("[role=option]");
      if (option) this.#pick(Number(option.dataset.at));
    });
  }

  /**
   * Take the focus; `text` replaces what is in the box.
   * @param {string | null} [text]
   */
  take(text = null) {
    this.input.focus({ preventScroll: true });
    this.input.setSelectionRange(this.input.value.length, this.input.value.length);
    if (text !== null) {
      this.input.value = text;
      this.#typed();
    }
  }

  /**
   * Look up what was scanned: the one thing it names is taken at once, several are shown, and nothing is said in words.
   * @param {string} text
   * @param {(words: string) => unknown} [say]
   */
  scan(text, say = (words) => this.#say(words)) {
    this.#clear();
    // One after another: the next scan comes before the answer to this one, and neither is lost.
    this.#scans = this.#scans.then(() => this.#lookUp(text, say));
    return this.#scans;
  }

  /**
   * @param {string} text
   * @param {(words: string) => unknown} say
   */
  async #lookUp(text, say) {
    try {
      const answer = await call("GET", `/search?scan=1&q=${encodeURIComponent(text)}`, undefined, { timeout: 8000 });
      const options = optionsFor(text, answer);
      if (options.length && (isDialogOpen() || (state.payment && !isPartly()) || state.ringing)) {
        // Something was opened while the answer was on its way.
        toast(t("{text} was scanned. Close what is open first, then scan it again.", { text }));
      } else if (options.length === 1) {
        this.#options = options;
        this.#pick(0);
      } else if (options.length > 1) {
        this.take();
        this.#show(options);
      } else {
        say(answer.sentence ?? t("Nothing here has the code {text}. Scan it again, or type a name.", { text }));
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      say(error.message);
    }
  }

  get isEmpty() {
    return this.input.value.trim() === "";
  }

  #typed() {
    clearTimeout(this.#timer);
    this.#enterWaits = false;
    if (this.isEmpty) {
      this.#asking?.abort();
      this.#close();
      return;
    }
    this.#timer = setTimeout(() => this.#ask(), PAUSE);
  }

  async #ask() {
    const text = this.input.value;
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const answer = await call("GET", `/search?q=${encodeURIComponent(text.trim())}`, undefined, {
        signal: asking.signal,
        timeout: 8000,
      });
      if (asking.signal.aborted || text !== this.input.value) return;
      this.#answered = text;
      const options = optionsFor(text, answer);
      if (answer.sentence && options.length === 0) this.#say(answer.sentence);
      else this.#show(options);
      if (this.#enterWaits) this.#pick(this.#at);
    } catch (error) {
      if (asking.signal.aborted || /** @type {Error} */ (error).name === "AbortError") return;
      if (!(error instanceof Problem)) throw error;
      this.#say(error.message);
    }
  }

  /** @param {Option[]} options */
  #show(options) {
    this.#options = options;
    this.#at = Math.max(
      0,
      options.findIndex((option) => option.best),
    );
    if (options.length === 0) {
      this.#say(t("Nothing found. A receipt number has at least three characters."));
      return;
    }
    /** @type {Map<string, Node[]>} */
    const groups = new Map();
    for (const [at, option] of options.entries())
      groups.set(option.group, [...(groups.get(option.group) ?? []), this.#row(option, at)]);
    this.list.replaceChildren(
      ...[...groups].map(([name, rows], number) =>
        make(
          "div",
          { role: "group", "aria-labelledby": `found-${number}` },
          make("div", { class: "found-group", id: `found-${number}`, text: name }),
          rows,
        ),
      ),
    );
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.#mark();
  }

  /**
   * @param {Option} option
   * @param {number} at
   */
  #row({ kind, words, detail, chip, figure }, at) {
    const left = chip && creditsChip(chip);
    return make(
      "div",
      { role: "option", id: `found-option-${at}`, "data-at": String(at), "aria-selected": "false" },
      icon(ICONS[kind]),
      make(
        "span",
        {},
        marked(words, this.input.value.trim()),
        detail && make("br"),
        detail && make("small", { text: detail }),
      ),
      left && make("span", { class: "chip accent push" }, icon("credit"), left),
      figure !== undefined && make("span", { class: "push" }, sum(amount(figure))),
    );
  }

  /** @param {string} sentence */
  #say(sentence) {
    this.#options = [];
    announce(sentence);
    this.list.replaceChildren(
      make("div", {
        role: "option",
        "aria-disabled": "true",
        "aria-selected": "false",
        class: "found-none",
        text: sentence,
      }),
    );
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.input.removeAttribute("aria-activedescendant");
  }

  #mark() {
    for (const row of this.list.querySelectorAll("[data-at]")) {
      const isAt = Number(row.dataset.at) === this.#at;
      row.setAttribute("aria-selected", String(isAt));
      if (isAt) {
        row.scrollIntoView({ block: "nearest" });
        this.input.setAttribute("aria-activedescendant", row.id);
      }
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing || event.keyCode === IN_COMPOSITION) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!this.#options.length) return;
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.#at = (this.#at + step + this.#options.length) % this.#options.length;
      this.#mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (event.repeat) return;
      if (this.isEmpty) this.onEnter();
      else if (this.#answered === this.input.value && this.#options.length) this.#pick(this.#at);
      else this.#enterWaits = true;
    } else if (event.key === "Escape" && !this.isEmpty) {
      event.preventDefault();
      this.#clear();
    }
  }

  /** @param {number} at */
  #pick(at) {
    const option = this.#options[at];
    if (!option || state.phase !== "ready") return;
    this.#clear();
    const pick = /** @type {((value: unknown) => unknown) | undefined} */ (this.picks[option.kind]);
    pick?.(option.value);
  }

  #clear() {
    this.input.value = "";
    this.#answered = "";
    this.#enterWaits = false;
    this.#asking?.abort();
    clearTimeout(this.#timer);
    this.#close();
  }

  #close() {
    this.list.hidden = true;
    this.list.replaceChildren();
    this.#options = [];
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
customElements.define("register-search", Search);
