/**
 * Scanners type too. A run of keys this fast, with digits in it, is a scan: it is never a client's phone nor an amount, and the
 * Enter at its end presses nothing. Fields that ask for a code (data-takes-scan) and PINs get what is scanned into them.
 */

/** Between two keys of a scan at most, and on average. Nobody types six keys that fast. Milliseconds. */
const GAP = 150;
const AVERAGE = 70;
/** Keys of a scan at least, and digits among them: a name typed fast has none. */
const KEYS = 6;
const DIGITS = 4;
/** Digits with something between them are a telephone number that a program typed; no barcode looks like that. */
const PHONE = /^[\d\s+()./-]*[\s+()./-][\d\s+()./-]*$/;
/** After this long without another key a scan is over, for scanners that send no Enter. */
const END = 300;
/** Enter, Tab or a line feed this soon after a scan belongs to it. */
const SUFFIX = 250;

/** The keys typed one after another without a pause. Pure: times are given. */
export class Run {
  text = "";
  #first = 0;
  #last = 0;

  /**
   * Add a key; one that comes after a pause begins a new run. Returns whether it did.
   * @param {string} key
   * @param {number} at milliseconds
   */
  add(key, at) {
    const begins = this.text === "" || at - this.#last > GAP;
    this.text = begins ? key : this.text + key;
    if (begins) this.#first = at;
    this.#last = at;
    return begins;
  }

  /**
   * Whether what was typed until `at` is a scan that may still go on or has just ended.
   * @param {number} at milliseconds
   */
  isScan(at) {
    return (
      this.text.length >= KEYS &&
      at - this.#last <= GAP &&
      (this.#last - this.#first) / (this.text.length - 1) <= AVERAGE &&
      (this.text.match(/\d/g) ?? []).length >= DIGITS &&
      !PHONE.test(this.text)
    );
  }
}

const FIELD = "input, select, textarea";
/** @param {HTMLInputElement | null} field */
const takesScans = (field) => field?.type === "password" || field?.hasAttribute("data-takes-scan");

/**
 * Listen before anybody else.
 * @param {(text: string, field: HTMLInputElement | null) => void} took what to do with a scan; the field has its old value again
 */
export function wireScans(took) {
  let run = new Run();
  /** @type {HTMLInputElement | null} */
  let field = null;
  let before = "";
  /** @type {number | undefined} */
  let ends;
  let tookAt = -Infinity;

  function take() {
    clearTimeout(ends);
    const { text } = run;
    const into = field;
    run = new Run();
    field = null;
    if (into) {
      into.value = before;
      into.dispatchEvent(new Event("input", { bubbles: true }));
    }
    took(text, into);
  }

  document.addEventListener(
    "keydown",
    (event) => {
      if (event.isComposing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      const { key, timeStamp: at } = event;
      if (["Enter", "Tab"].includes(key)) {
        const scanned = run.isScan(at) && !takesScans(field);
        if (scanned || at - tookAt <= SUFFIX) {
          event.preventDefault();
          event.stopImmediatePropagation();
        }
        if (scanned) {
          tookAt = at;
          take();
        }
        run = new Run();
        return;
      }
      if (key === "Shift") return; // scanners press it for capitals
      clearTimeout(ends);
      if (key.length !== 1) {
        run = new Run();
        return;
      }
      tookAt = -Infinity;
      const target = /** @type {HTMLInputElement | null} */ (/** @type {Element} */ (event.target).closest(FIELD));
      if (run.add(key, at)) {
        field = target;
        before = target?.value ?? "";
      } else if (!field && target) {
        // The first key led to the search, which has it already.
        field = target;
        before = "";
      }
      ends = setTimeout(() => {
        // A scanner without Enter at its end.
        if (!run.isScan(at) || takesScans(field)) return;
        tookAt = at;
        take();
      }, END);
    },
    true,
  );
}
