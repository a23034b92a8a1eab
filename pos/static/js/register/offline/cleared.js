/** Tickets that were cleared while the server was away, which still has them open: they are dropped when it is back. */

import { Problem } from "../../http.js";
import { call } from "../api_client.js";
import { keep, kept } from "./store.js";

const NAME = "cleared";

/** @param {string} ticketId */
export const noteCleared = async (ticketId) => keep(NAME, [...((await kept(NAME)) ?? []), ticketId]);

/** Drop them. One that the server refuses to drop, because it is paid or parked meanwhile, is left as it is. */
export async function dropCleared() {
  /** @type {string[]} */
  const left = (await kept(NAME).catch(() => [])) ?? [];
  while (left.length) {
    try {
      await call("POST", `/tickets/${left[0]}/drop`, {});
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.outcomeUnknown || [401, 403, 429].includes(error.status)) return;
    }
    left.shift();
    await keep(NAME, left);
  }
}
