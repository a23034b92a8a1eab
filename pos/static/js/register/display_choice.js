/** The tip that the client chose on the display of this desk, taken to the ticket as if it had been tapped here. */

import { Problem } from "../http.js";
import { call } from "./api_client.js";
import { change } from "./cart.js";
import { setTip } from "./cart_draft.js";
import { state } from "./state.js";

/** Between two questions while a ticket is made, and while it is not known whether there is a display. Milliseconds. */
const SOON = 1500;
const LATER = 15_000;

let isPaired = false;
/** The number of the choice that was taken last; null until the first answer, which is of before. @type {number | null} */
let taken = null;

/** Whether a client can choose a tip just now. */
const isOpen = () =>
  state.phase === "ready" && state.draft.lines.length > 0 && !state.payment && !state.ringing && !state.paid;

/** @param {{ticket_id: string, percent: string, number: number}} choice */
function take(choice) {
  const isNew = taken !== null && choice.number > taken;
  taken = choice.number;
  if (!isNew || !isOpen() || state.ticket?.ticket_id !== choice.ticket_id) return;
  change((draft) =>
    Number(choice.percent) > 0
      ? setTip(draft, { percent: choice.percent })
      : draft.tip
        ? { ...draft, tip: null }
        : draft,
  );
}

async function look() {
  try {
    const { paired, choice } = await call("GET", "/display", undefined, { byItself: true });
    isPaired = paired;
    if (choice) take(choice);
    else taken ??= 0;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

/** Ask by itself from now on. */
export function keepDisplayChoice() {
  let asked = -Infinity;
  setInterval(() => {
    const due = isPaired && isOpen() ? SOON : LATER;
    if (state.phase !== "ready" || state.offline || document.hidden || performance.now() - asked < due) return;
    asked = performance.now();
    look();
  }, SOON / 3);
}
