/**
 * What a key means at the desk: a letter of a search, a command, a key of a scanner. Pure: time and place are given.
 * Letters always go to the search. A command is a letter with a modifier, or a key that writes nothing (docs/decisions/0024).
 * A run of keys faster than anybody types, or one that begins with the prefix of the desk's scanner, is a scan.
 */

/** Between two keys of a scan at most, and on average; a run with the scanner's own prefix needs only the first. Milliseconds. */
export const GAP = 150;
const AVERAGE = 70;
/** Keys of a scan at least, and digits among them: a name typed fast has none. */
const KEYS = 6;
const DIGITS = 4;
/** Codes of gift cards may have few digits or none: capitals and digits only, which nobody types that fast. */
const CAPITALS = /^(?=.*\d)[\dA-Z-]+$|^[\dA-Z-]{12,}$/;
/** Digits with something between them are a telephone number that a program typed; no barcode looks like that. */
const PHONE = /^[\d\s+()./-]*[\s+()./-][\d\s+()./-]*$/;
/** After this long without another key a scan is over, for scanners that send no Enter; until then Enter belongs to it. */
export const END = 300;
/** Enter, Tab or a line feed this soon after a scan that is over belongs to it too. */
const LATE = 250;

/** @type {Meaning} */
const LEFT = { does: "nothing" };

export class KeyMeaning {
  #text = "";
  #first = 0;
  #last = 0;
  /** @type {KeyPlace["kind"]} */
  #began = "page";
  #tookAt = -Infinity;

  /** @param {{prefix?: string, suffix?: string}} [scanner] what the scanner of the desk sends before and after each code */
  constructor({ prefix = "", suffix = "" } = {}) {
    this.prefix = prefix;
    this.suffix = suffix;
  }

  /**
   * What a key that goes down means. `begins` tells that it is the first of a run: what its field holds now comes back
   * if the run is a scan.
   * @param {Stroke} stroke
   * @param {KeyPlace} place
   * @returns {Meaning}
   */
  read(stroke, place) {
    const { key, at } = stroke;
    if (stroke.composing || stroke.repeat || key === "Shift" || key === "CapsLock") return LEFT;
    if (stroke.letter || stroke.modified) {
      this.#forget();
      return stroke.letter && !place.dialog ? { does: "command", letter: stroke.letter } : LEFT;
    }
    if (key === "Enter" || key === "Tab") return this.#end(key, at, place);
    if (key.length > 1 && key !== "Dead") {
      this.#forget();
      return place.dialog ? LEFT : named(key, place);
    }
    const begins = this.#text === "" || at - this.#last > GAP;
    this.#text = begins ? key : this.#text + key;
    this.#last = at;
    if (begins) {
      this.#first = at;
      this.#began = place.kind;
      this.#tookAt = -Infinity;
    }
    const isWhole = this.suffix && this.#text.endsWith(this.suffix) && this.#began !== "code";
    if (isWhole && this.#isScan()) return this.#take(at);
    return begins ? { ...this.#written(key, place, begins), begins } : this.#written(key, place, begins);
  }

  /**
   * Nothing came for `END` after the last key: the scan that is over, or nothing.
   * @returns {Meaning}
   */
  pause() {
    return this.#isScan() && this.#began !== "code" ? this.#take(this.#last + END) : LEFT;
  }

  /** A hand went to the mouse or the screen: what was typed until now is no scan. */
  interrupt() {
    this.#forget();
  }

  #forget() {
    this.#text = "";
    this.#tookAt = -Infinity;
  }

  #isScan() {
    const text = this.#text;
    const isMarked = (this.prefix && text.startsWith(this.prefix)) || (this.suffix && text.endsWith(this.suffix));
    if (isMarked) return text.length > this.prefix.length + this.suffix.length;
    return (
      text.length >= KEYS &&
      (this.#last - this.#first) / (text.length - 1) <= AVERAGE &&
      ((text.match(/\d/g) ?? []).length >= DIGITS || CAPITALS.test(text)) &&
      !PHONE.test(text)
    );
  }

  /**
   * @param {number} at
   * @returns {Meaning}
   */
  #take(at) {
    const isPrefixed = this.prefix && this.#text.startsWith(this.prefix);
    const whole = isPrefixed ? this.#text.slice(this.prefix.length) : this.#text;
    const text = this.suffix && whole.endsWith(this.suffix) ? whole.slice(0, -this.suffix.length) : whole;
    this.#text = "";
    this.#tookAt = at;
    return { does: "scan", text };
  }

  /**
   * @param {string} key Enter or Tab
   * @param {number} at
   * @param {KeyPlace} place
   * @returns {Meaning}
   */
  #end(key, at, place) {
    const isScan = at - this.#last <= END && this.#began !== "code" && this.#isScan();
    if (isScan) return this.#take(at);
    const isLate = at - this.#tookAt <= LATE;
    this.#text = "";
    if (isLate) return { does: "swallow" };
    return key === "Enter" && place.kind === "page" && !place.dialog ? { does: "enter" } : LEFT;
  }

  /**
   * @param {string} key that writes something
   * @param {KeyPlace} place
   * @param {boolean} begins
   * @returns {Meaning}
   */
  #written(key, place, begins) {
    const isSearch = place.kind === "search";
    if (place.dialog || place.kind === "field" || place.kind === "code") return LEFT;
    if (begins && (!isSearch || place.empty) && !this.prefix.startsWith(key)) {
      if (key === "?") return { does: "keys" };
      if (key === "/") return { does: "find" };
    }
    // A blank presses the button that has the focus, and scrolls the page; within a run it is typed.
    if (isSearch || (key === " " && (begins || place.kind === "control"))) return LEFT;
    return { does: "type" };
  }
}

/**
 * What a key that writes nothing means where no dialog is open.
 * @param {string} key
 * @param {KeyPlace} place
 * @returns {Meaning}
 */
function named(key, { kind, empty }) {
  if (key === "Escape") return kind === "search" && !empty ? LEFT : { does: "leave" };
  const isErasing = key === "Delete" || key === "Backspace";
  return isErasing && (kind === "page" || kind === "control") ? { does: "remove" } : LEFT;
}
