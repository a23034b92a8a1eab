/** What opens in dialogs and is not needed for a sale: its scripts are loaded once the desk is usable, so that it is so sooner. */

import { toast } from "../announce.js";
import { t } from "../messages.js";

const sales = () => import("./sales.js");
const salesList = () => import("./sales_list.js");
const shift = () => import("./shift.js");
const clientSheets = () => import("./client_sheet.js");
const parkedTickets = () => import("./parked.js");

/** Load what is not loaded yet. Rejects where the server does not answer; a press asks again. */
export const loadRest = () => Promise.all([sales(), salesList(), shift(), clientSheets(), parkedTickets()]);

/**
 * A function of a script that may not be there yet.
 * @template M
 * @template {unknown[]} A
 * @param {() => Promise<M>} load
 * @param {(script: M) => (...given: A) => unknown} choose
 */
function from(load, choose) {
  return async (/** @type {A} */ ...given) => {
    let script;
    try {
      script = await load();
    } catch {
      toast(t("This could not be opened: the server does not answer. Try again in a moment."));
      return undefined;
    }
    return choose(script)(...given);
  };
}

export const showSalePanel = from(sales, (script) => script.showSalePanel);
export const mailForm = from(sales, (script) => script.mailForm);
export const showSales = from(salesList, (script) => script.showSales);
export const drawer = from(shift, (script) => script.drawer);
export const clientSheet = from(clientSheets, (script) => script.clientSheet);
export const partForm = from(clientSheets, (script) => script.partForm);
export const showParked = from(parkedTickets, (script) => script.showParked);
