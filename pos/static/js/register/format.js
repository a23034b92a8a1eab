/** Amounts, days and names as the place of this desk writes them. */
import { n, t } from "../messages.js";
import { decimalText, moneyText, parseAmount } from "../money.js";
import { state } from "./state.js";

/**
 * 2416 → "24.16".
 * @param {number} minor
 */
export const amount = (minor) => moneyText(minor, state.place.exponent, state.place.amount_pattern);

/**
 * 2416 → "$24.16".
 * @param {number} minor
 */
export const money = (minor) => moneyText(minor, state.place.exponent, state.place.money_pattern);

/**
 * "24,16" → 2416, or null.
 * @param {string} text
 */
export const readAmount = (text) => parseAmount(text, state.place.exponent);

/**
 * What a field shows of an amount: without groups, with the decimal sign of the place.
 * @param {number} minor
 */
export const fieldText = (minor) =>
  decimalText(minor, state.place.exponent).replace(".", state.place.amount_pattern.decimal);

/**
 * "2027-05-12" → "12 May", with its year when it is not this one.
 * @param {string} iso
 */
export function day(iso) {
  const [year, month, date] = iso.split("-").map(Number);
  /** @type {Intl.DateTimeFormatOptions} */
  const style = { day: "numeric", month: "short", ...(year === new Date().getFullYear() ? {} : { year: "numeric" }) };
  return new Intl.DateTimeFormat(dayLocale(), { ...style, timeZone: "UTC" }).format(Date.UTC(year, month - 1, date));
}

/**
 * An instant as the clock of the clinic shows it.
 * @param {string} iso
 */
export function clockTime(iso) {
  return new Intl.DateTimeFormat(dayLocale(), {
    hour: "2-digit",
    minute: "2-digit",
    timeZone: state.place.time_zone,
  }).format(new Date(iso));
}

/**
 * An instant with its day.
 * @param {string} iso
 */
export function moment(iso) {
  /** @type {Intl.DateTimeFormatOptions} */
  const style = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(dayLocale(), { ...style, timeZone: state.place.time_zone }).format(new Date(iso));
}

// The page speaks English for now, so its days do too; only amounts follow the place.
const dayLocale = () => (document.documentElement.lang.startsWith("en") ? "en-GB" : document.documentElement.lang);

/**
 * "8.000" → "8".
 * @param {string} text
 */
export const percent = (text) => `${String(Number(text)).replace(".", state.place.amount_pattern.decimal)} %`;

/**
 * "1 credit", "3 credits".
 * @param {number} count
 */
export const credits = (count) => n("{count} credit", "{count} credits", count);

/**
 * Somebody's first name, for sentences.
 * @param {string} name
 */
export const firstName = (name) => name.split(" ")[0];

/**
 * Name, phone and e-mail, as far as they are known.
 * @param {{name: string, phone?: string | null, email?: string | null}} client
 */
export const clientFacts = ({ name, phone, email }) => [name, phone, email].filter(Boolean).join(" · ");

/**
 * "8 left · exp 12 May", "11 left, 1 of them by 28 May", or null for somebody without credits.
 * @param {Client} client
 */
export function creditsChip(client) {
  if (!client.credits_left) return null;
  const left = client.credits_left;
  if (!client.next_expiry) return t("{left} left", { left });
  const end = day(client.next_expiry);
  if (client.next_left >= left) return t("{left} left · exp {day}", { left, day: end });
  return t("{left} left, {some} of them by {day}", { left, some: client.next_left, day: end });
}

/**
 * A therapist with their tier, where it is not the standard one; nothing for nobody.
 * @param {Therapist | undefined} one
 */
export const therapistName = (one) => (one?.tier ? `${one.name} (${one.tier})` : one?.name);

/**
 * What a manager is asked to approve of a ticket: "Discounts of $108.00: $108.00 (12 %) off Ten sessions".
 * @param {Pick<Asked, "action" | "amount_minor" | "discounts" | "items">} asked
 */
export function discountsAsked({ action, amount_minor: sum, discounts, items = [] }) {
  if (action === "open_item") {
    const list = items.map((one) => t("{name} {amount}", { name: one.name, amount: money(one.amount_minor) }));
    return t("Open items of {amount}: {list}", { amount: money(sum), list: list.join("; ") });
  }
  if (action === "service_charge") {
    const list = items.map((one) => t("{name} {amount}", { name: one.name, amount: money(one.amount_minor) }));
    return t("Service charges of {amount} taken off: {list}", { amount: money(sum), list: list.join("; ") });
  }
  const each = discounts.map(({ name, price_minor: price, off_minor: off }) => {
    const facts = { amount: money(off), percent: percent(((off / price) * 100).toFixed(1)) };
    if (name == null) return t("{amount} ({percent}) off the whole ticket", facts);
    return t("{amount} ({percent}) off {name}", { ...facts, name });
  });
  return t("Discounts of {amount}: {list}", { amount: money(sum), list: each.join("; ") });
}
