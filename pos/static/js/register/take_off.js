/** Taking a line off the ticket, with the way back. */

import { toast } from "../announce.js";
import { t } from "../messages.js";
import { change } from "./cart.js";
import { putBack, removeLine } from "./cart_draft.js";
import { lineName, shownLines } from "./lines.js";
import { state, watch } from "./state.js";

/**
 * Take a line off and offer to undo it for as long as this ticket is made.
 * @param {string} lineId
 */
export function takeOff(lineId) {
  const before = state.draft;
  const line = shownLines(state).find((one) => one.line_id === lineId);
  change((draft) => removeLine(draft, lineId));
  if (!line || state.draft === before) return;
  offerOnTicket(t("{name} was taken off.", { name: lineName(line) }), {
    text: t("Undo"),
    run: () => change((draft) => putBack(draft, before, lineId)),
  });
}

/**
 * Say something with a key that does more to the ticket: it is there for as long as this ticket is made.
 * @param {string} sentence
 * @param {{text: string, run: () => void}} action
 */
export function offerOnTicket(sentence, action) {
  const offer = toast(sentence, { action });
  let ticketId = state.ticket?.ticket_id;
  const stop = watch(({ ticket, paid, payment, ringing }) => {
    ticketId ??= ticket?.ticket_id;
    if (!paid && !payment && !ringing && ticket?.ticket_id === ticketId && offer.isConnected) return;
    offer.remove();
    stop();
  });
}
