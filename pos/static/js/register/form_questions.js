/** What the server is asked while a form is filled in: a moment after each change, and only the last answer counts. */

/** @type {WeakMap<HTMLFormElement, FormQuestions>} */
const asking = new WeakMap();

/**
 * The questions of a form from now on. A dialog is one form for one sale or line after another: what the form asked for the
 * one before is given up, so that its answer does not stand in the form of the next.
 */
export class FormQuestions {
  #timer = 0;
  #turn = 0;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    asking.get(form)?.giveUp();
    asking.set(form, this);
  }

  /** @param {() => unknown} look @param {number} pause milliseconds after the last change */
  soon(look, pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(look, pause);
  }

  /** Begin a question; what comes back tells whether it is still the last one. */
  begin() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    const turn = this.#turn;
    return () => turn === this.#turn;
  }

  /** Let no answer count that is under way, and ask nothing that was to be asked. */
  giveUp() {
    this.begin();
  }
}
