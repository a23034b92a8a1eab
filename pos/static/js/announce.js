/**
 * Say a sentence to screen readers without moving the focus.
 * @param {string} sentence
 */
export function announce(sentence) {
  const region = document.getElementById("announcer");
  if (!region) return;
  region.textContent = "";
  // A region that keeps its text is not read again; the empty frame in between makes the change.
  requestAnimationFrame(() => {
    region.textContent = sentence;
  });
}

/**
 * Show a sentence at the foot of the page and read it out. action: {text, run} adds a button (an undo, a retry).
 * stays: milliseconds until it leaves; with an action it stays until used or replaced. Returns the element.
 * @param {string} sentence
 * @param {{action?: {text: string, run: () => void} | null, stays?: number}} [options]
 */
export function toast(sentence, { action = null, stays = 6000 } = {}) {
  const region = document.getElementById("toasts");
  const element = document.createElement("div");
  element.className = "toast";
  const words = document.createElement("span");
  words.textContent = sentence;
  element.append(words);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = action.text;
    button.addEventListener("click", () => {
      element.remove();
      action.run();
    });
    element.append(button);
  }
  region?.replaceChildren(element);
  if (!action) setTimeout(() => element.remove(), stays);
  return element;
}
