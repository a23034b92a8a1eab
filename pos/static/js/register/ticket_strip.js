/** Where shelf and ticket do not fit beside each other: whose ticket it is, its last line and the pay key, below the shelf. */

import { t } from "../messages.js";
import { isEmpty } from "./cart_draft.js";
import { due } from "./checkout.js";
import { button, make, redraw, sum } from "./dom.js";
import { lineName, shownLines } from "./lines.js";
import { isPartly, watch } from "./state.js";
import { primary, takeDue } from "./ticket_footer.js";
import { lineAmount } from "./ticket_lines.js";

/**
 * Keep the strip equal to the ticket.
 * @param {HTMLElement} region
 * @param {DeskActions} open
 * @param {() => void} toTicket brings the ticket to the front
 */
export function keepStrip(region, open, toTicket) {
  watch((now) => {
    region.hidden = now.phase !== "ready" || isEmpty(now.draft) || Boolean(now.paid);
    if (region.hidden) return;
    const last = shownLines(now).at(-1);
    const model = {
      client: now.client?.name ?? t("Walk-in"),
      line: last ? lineName(last) : t("Nothing on it yet"),
      figure: last ? lineAmount(last) : "",
      lines: now.draft.lines.length,
      owed: due(),
      shift: now.shift,
      busy: Boolean((now.payment && !isPartly(now)) || now.ringing),
      needs: now.ticket?.needs_client,
      totals: now.ticket?.totals,
      card: now.card,
    };
    redraw(region, model, ({ client, line, figure, lines, busy }) => {
      const key = primary(now, open);
      const more = lines > 1 ? t("{count} lines, last: {name}", { count: lines, name: line }) : line;
      return [
        make(
          "button",
          { type: "button", class: "strip-ticket", "data-focus": "strip-ticket", onclick: toTicket },
          make("strong", { text: client }),
          make("span", {}, make("small", { text: more }), figure && sum(figure)),
        ),
        button(
          key.words.map((part) => (typeof part === "string" ? part : part.cloneNode(true))),
          () => {
            toTicket();
            return takeDue(open);
          },
          { kind: "primary", name: "strip-pay", disabled: Boolean(key.off) || busy },
        ),
      ];
    });
  });
}
