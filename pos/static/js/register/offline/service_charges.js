/**
 * The service charges of a ticket without the server, as pos/domain/sales/service_charges.py reckons them;
 * tests/unit/js/offline_prices.json holds both to it. Pure.
 */

/** @param {Date} day */
const named = (day) => ({ day: day.toISOString().slice(0, 10), weekday: (day.getUTCDay() + 6) % 7 });

/**
 * The trading day of an instant, the minute of the local clock, and the day before that of the clock: its evening.
 * @param {Date} at
 * @param {Pick<Place, "time_zone" | "cutoff_hour">} place
 */
export function localTime(at, { time_zone: timeZone, cutoff_hour: cutoff }) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(at);
  /** @param {string} kind */
  const number = (kind) => Number(parts.find((one) => one.type === kind)?.value);
  const hour = number("hour");
  /** @param {number} back */
  const before = (back) => named(new Date(Date.UTC(number("year"), number("month") - 1, number("day") - back)));
  return { ...before(hour < cutoff ? 1 : 0), evening: before(1), minute: hour * 60 + number("minute") };
}

/**
 * @param {ChargeRule} rule
 * @param {string} day
 */
const holdsOn = ({ from_on: from, until_on: until }, day) => from <= day && (!until || day <= until);

/**
 * Hours past midnight belong to the day on which the evening began, whenever the trading day ends.
 * @param {ChargeRule} rule
 * @param {ReturnType<typeof localTime>} now
 */
function isDue(rule, now) {
  const { by_itself: byItself, weekdays, from_minute: from, to_minute: to } = rule;
  const { minute } = now;
  const isPastMidnight = to < from && minute < to;
  const { day, weekday } = isPastMidnight ? now.evening : now;
  if (!byItself || !holdsOn(rule, day) || !weekdays.includes(weekday)) return false;
  return from < to ? from <= minute && minute < to : isPastMidnight || minute >= from;
}

/**
 * The charges of priced lines, and those that may be chosen.
 * @param {{kind: string, list: number, amount: number, cover: Cover | null}[]} lines
 * @param {{rules: ChargeRule[], said: ChargeChoice[], at: Date, place: Pick<Place, "time_zone" | "cutoff_hour">}} known
 * @param {(minor: number, percent: string) => number} percentOf
 * @returns {(ChargeOnTicket & {tax_percents: string[]})[]}
 */
export function chargesOf(lines, { rules, said, at, place }, percentOf) {
  if (rules.length === 0) return [];
  const now = localTime(at, place);
  const found = [];
  for (const rule of rules.filter((one) => one.by_itself || holdsOn(one, now.day))) {
    const isChosen = !rule.by_itself && said.some((one) => one.key === rule.key && one.charged);
    const bearing = lines.filter(
      ({ kind, amount, cover }) =>
        (kind === "variant" || kind === "add_on") &&
        (!cover || amount > 0 || (rule.on_credits && cover.kind === "credit")),
    );
    const base = bearing.reduce(
      (sum, { list, amount, cover }) => sum + (rule.on_credits && cover?.kind === "credit" ? list : amount),
      0,
    );
    const whole = rule.percent === null ? (rule.amount_minor ?? 0) : percentOf(base, rule.percent);
    const minor = bearing.length && (isChosen || isDue(rule, now)) ? whole : 0;
    if (minor === 0 && rule.by_itself) continue;
    const { key, name, percent, by_itself, tax_percents } = rule;
    const charged = minor > 0;
    const amountMinor = charged ? minor : rule.amount_minor;
    found.push({ key, name, percent, by_itself, tax_percents, charged, amount_minor: amountMinor, reason: "" });
  }
  return found;
}
