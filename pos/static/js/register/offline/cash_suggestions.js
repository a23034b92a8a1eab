/** The sums that a client is likely to hand over, from the notes of the currency that the server names. Pure. */

/**
 * The exact amount, then the next sums that notes make up, rising; minor units.
 * @param {number} dueMinor
 * @param {Pick<Place, "note_steps">} place
 */
export function cashSuggestions(dueMinor, { note_steps: steps }) {
  if (dueMinor <= 0) return [];
  const found = new Set([dueMinor, ...steps.map((step) => Math.ceil(dueMinor / step) * step)]);
  return [...found].sort((one, other) => one - other).slice(0, 4);
}
