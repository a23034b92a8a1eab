/** What the scripts need of a browser to be imported and driven in Node: no rendering, keys by hand, storage in memory. */

const listeners = new Map();

/** Press a key, as the browser tells the page: `Alt+k` with that modifier; `at` is in milliseconds. Returns whether the page took it for itself. */
export function press(written, at, target = nowhere) {
  const key = written.replace("Alt+", "");
  let taken = false;
  const event = {
    key,
    timeStamp: at,
    altKey: written.startsWith("Alt+"),
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    getModifierState: () => false,
    target,
    defaultPrevented: false,
    preventDefault: () => {
      taken = true;
    },
    stopImmediatePropagation() {},
  };
  for (const listener of listeners.get("keydown") ?? []) listener(event);
  return taken;
}

/** The page itself, where no field and no button has the focus. */
export const nowhere = { closest: () => null };

/** A field that is no search box, with the focus. */
export const field = {
  closest: (selector) => (selector.startsWith("input") ? field : null),
  hasAttribute: () => false,
};

class Storage {
  #items = new Map();
  getItem(name) {
    return this.#items.get(name) ?? null;
  }
  setItem(name, value) {
    this.#items.set(name, String(value));
  }
  removeItem(name) {
    this.#items.delete(name);
  }
}

/** Put the page in place; import the scripts after it. */
export function installPage() {
  globalThis.HTMLElement = class {};
  globalThis.customElements = { define() {} };
  globalThis.CSS = { escape: (text) => text };
  globalThis.sessionStorage = new Storage();
  globalThis.document = {
    documentElement: { lang: "en" },
    addEventListener: (name, listener) => listeners.set(name, [...(listeners.get(name) ?? []), listener]),
    getElementById: (id) => (id === "script-messages" ? null : { focus() {} }),
    querySelector: () => null,
    querySelectorAll: () => [],
  };
}
