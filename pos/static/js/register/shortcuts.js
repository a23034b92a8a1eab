/** The modifier that makes a letter a command, and how keys are printed and announced. */

import { t } from "../messages.js";

/** With Option an Apple keyboard writes other letters, so commands are with Control there. */
const isApple = /Mac|iP(hone|ad)/.test(globalThis.navigator?.platform ?? "");

/** @type {Record<string, {shown?: string, aria: string}>} */
const NAMED = {
  Enter: { shown: "⏎", aria: "Enter" },
  Esc: { shown: t("Esc"), aria: "Escape" },
  "Ctrl P": { shown: isApple ? "⌘ P" : t("Ctrl P"), aria: isApple ? "Meta+P" : "Control+P" },
};

/**
 * A key of the keyboard as it is printed on a button: a letter with its modifier.
 * @param {string} key
 */
export const shown = (key) => (/^[A-Z]$/.test(key) ? `${isApple ? "⌃" : "Alt"} ${key}` : (NAMED[key]?.shown ?? key));

/**
 * The same for `aria-keyshortcuts`.
 * @param {string | null | undefined} key
 */
export const announced = (key) =>
  key && (/^[A-Z]$/.test(key) ? `${isApple ? "Control" : "Alt"}+${key}` : (NAMED[key]?.aria ?? key));

/**
 * The letter of a command, or null. AltGr writes signs, with Shift some systems change the layout: neither is a command.
 * @param {KeyboardEvent} event
 */
export function letterOf(event) {
  const [held, other] = isApple ? [event.ctrlKey, event.altKey] : [event.altKey, event.ctrlKey];
  if (!held || other || event.metaKey || event.shiftKey || event.getModifierState("AltGraph")) return null;
  // A layout without Latin letters names them by the place of the key.
  return /^[a-z]$/i.test(event.key) ? event.key.toUpperCase() : (/^Key([A-Z])$/.exec(event.code)?.[1] ?? null);
}
