/**
 * Minor units as an exact decimal string: (1234, 2) → "12.34". exponent comes from the server, not from the browser's tables.
 * @param {number} minor
 * @param {number} exponent
 */
export function decimalText(minor, exponent) {
  if (!Number.isSafeInteger(minor)) throw new TypeError("money is a whole number of minor units");
  const digits = String(Math.abs(minor)).padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent);
  const sign = minor < 0 ? "-" : "";
  return exponent === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-exponent)}`;
}

/**
 * An amount for people, written by the server's pattern for the place: (123450, 2, pattern) → "$1,234.50".
 * @param {number} minor
 * @param {number} exponent
 * @param {AmountPattern} pattern
 */
export function moneyText(minor, exponent, pattern) {
  const [whole, part] = decimalText(Math.abs(minor), exponent).split(".");
  const groups = [];
  let rest = whole;
  for (let size = pattern.first; size && rest.length > size; size = pattern.others) {
    groups.unshift(rest.slice(-size));
    rest = rest.slice(0, -size);
  }
  const number = [rest, ...groups].join(pattern.group) + (part ? pattern.decimal + part : "");
  return minor < 0
    ? pattern.negative_before + number + pattern.negative_after
    : pattern.before + number + pattern.after;
}

/**
 * Minor units of what a person typed ("24.16", "24,16", "1 200"), or null when it is not an amount of this currency.
 * The last "." or "," is the decimal sign when at most `exponent` digits follow it; otherwise it groups thousands.
 * @param {string} text
 * @param {number} exponent
 */
export function parseAmount(text, exponent) {
  const tidy = text.replace(/[\s\u00a0\u202f'’]/g, "").replace("−", "-");
  const match = /^(-?)([\d.,]*?)(?:[.,](\d*))?$/.exec(tidy);
  if (!match) return null;
  const [, sign, head, tail = ""] = match;
  const isFraction = tail.length <= exponent;
  const groups = (isFraction ? head : `${head},${tail}`).split(/[.,]/);
  const [first, ...others] = groups;
  if (!/^\d+$/.test(first) || (others.length > 0 && first.length > 3) || others.some((group) => group.length !== 3))
    return null;
  const minor = Number(groups.join("") + (isFraction ? tail : "").padEnd(exponent, "0"));
  if (!Number.isSafeInteger(minor)) return null;
  return sign && minor !== 0 ? -minor : minor;
}
