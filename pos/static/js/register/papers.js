/**
 * Receipts and credit notes: printed on the network printer of the desk, or by the browser from their PDF.
 * Printing is apart from the sale: where it fails, that is said, and the key prints by the browser instead.
 */

import { toast } from "../announce.js";
import { Problem } from "../http.js";
import { t } from "../messages.js";
import { call } from "./api_client.js";
import { button, icon, kbd, make } from "./dom.js";
import { state } from "./state.js";

/**
 * A link to a paper, in a tab of its own.
 * @param {string} words
 * @param {string} href
 * @param {string} iconName
 * @param {{key?: string | null, name?: string | null}} [options]
 */
export function paperLink(words, href, iconName, { key = null, name = null } = {}) {
  return make(
    "a",
    { class: "button", href, target: "_blank", rel: "noopener", "data-focus": words, "data-paper": name },
    icon(iconName),
    make("span", { text: words }),
    key && kbd(key),
  );
}

/**
 * A document by the browser, on the paper of this desk.
 * @param {string} words
 * @param {string} pdf
 * @param {{key?: string | null, name?: string | null}} [options]
 */
const browserLink = (words, pdf, options) =>
  paperLink(words, `${pdf}?format=${state.place.papers[0].format}`, "print", options);

/**
 * The same on the other paper, which the desk has not in its printer.
 * @param {string} pdf
 */
export function otherPaperLink(pdf) {
  const other = state.place.papers[1];
  return paperLink(t("On {paper}", { paper: other.name }), `${pdf}?format=${other.format}`, "file", { name: "sheet" });
}

/**
 * Print on the network printer of the desk; whether it was sent. A refusal is said.
 * @param {string} to the address of the job below the API
 * @param {{duplicate?: number, drawer_only?: boolean}} [body]
 */
async function send(to, body = {}) {
  try {
    await call("POST", to, body);
    return true;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    toast(error.message);
    return false;
  }
}

/**
 * The key that prints a document: on the network printer where the desk has one, else by the browser.
 * @param {string} words
 * @param {{to: string, pdf: string, duplicate?: number, key?: string | null, name?: string | null}} job
 */
export function printKey(words, { to, pdf, duplicate, key = null, name = null }) {
  const { printer } = state;
  const byBrowser = browserLink(words, pdf, { key, name });
  if (!printer) return byBrowser;
  /** @param {Event} event */
  const run = async (event) => {
    const pressed = /** @type {HTMLButtonElement} */ (event.currentTarget);
    pressed.disabled = true;
    const isSent = await send(to, duplicate ? { duplicate } : {});
    pressed.disabled = false;
    if (isSent) toast(t("Printed on {printer}.", { printer: printer.name }));
    else pressed.replaceWith(byBrowser);
  };
  return button(words, run, { iconName: "print", key, name, "data-paper": name });
}

/**
 * What the printer of the desk does after a sale without being asked: its receipt, and the drawer for its cash.
 * @param {Paid} paid
 */
export function printByItself(paid) {
  const { printer } = state;
  const to = `/sales/${paid.sale_id}/print`;
  if (printer?.prints_always) send(to);
  else if (printer?.opens_drawer && (paid.how === "cash" || paid.tendered > 0)) send(to, { drawer_only: true });
}
