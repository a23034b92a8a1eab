/**
 * Sentences in the language of the page. The English text is the key, as in gettext; the server puts the catalogue of a
 * language into the page (pos/core/i18n/script_messages.py), and a sentence that it lacks stays English.
 */

/** @typedef {Record<string, string | number>} Values */

/** @returns {{locale: string, messages: Record<string, string>, plurals: Record<string, Record<string, string>>}} */
function read() {
  const element = globalThis.document?.getElementById("script-messages");
  return element ? JSON.parse(element.textContent ?? "") : { locale: "en", messages: {}, plurals: {} };
}

const catalogue = read();
const rules = new Intl.PluralRules(catalogue.locale);

/**
 * Put values into the `{name}` places of a text; a place without a value stays.
 * @param {string} text
 * @param {Values} values
 */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));

/**
 * A sentence. A value is put where its `{name}` stands.
 * @param {string} message
 * @param {Values} [values]
 */
export const t = (message, values = {}) => fill(catalogue.messages[message] ?? message, values);

/**
 * A sentence whose form depends on a count, which is `{count}` in it.
 * @param {string} one
 * @param {string} many
 * @param {number} count
 * @param {Values} [values]
 */
export function n(one, many, count, values = {}) {
  const text = catalogue.plurals[one]?.[rules.select(count)] ?? (count === 1 ? one : many);
  return fill(text, { count, ...values });
}

/**
 * The pieces of a sentence with elements in its `{name}` places: what `make` takes as children.
 * @param {string} text a sentence of `t` whose places are not filled yet
 * @param {Record<string, Node>} nodes
 */
export const withNodes = (text, nodes) =>
  text
    .split(/(\{\w+\})/)
    .filter(Boolean)
    .map((piece) => nodes[/^\{(\w+)\}$/.exec(piece)?.[1] ?? ""] ?? piece);
