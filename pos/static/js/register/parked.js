/** Tickets put aside at this location: take one up here, or drop it after a question. */

import { dialogById, openDialog } from "../dialog.js";
import { Problem } from "../http.js";
import { n, t } from "../messages.js";
import { call } from "./api_client.js";
import { dropParked, takeUp } from "./cart.js";
import { button, make, need } from "./dom.js";
import { clockTime } from "./format.js";
import { set, state } from "./state.js";

/** @param {number} lines */
const count = (lines) => n("{count} line", "{count} lines", lines);

/** @param {string | null} whose */
const dropText = (whose) =>
  whose ? t("Drop the ticket of {name}", { name: whose }) : t("Drop the ticket of a walk-in");

/** Show them; after one is taken up the dialog is gone. */
export async function showParked() {
  const dialog = dialogById("parked-dialog");
  const region = need(dialog, "[data-list]");
  /** @type {string | null} */
  let asked = null;
  /** @type {string | null} */
  let problem = null;
  let busy = false;

  /** @param {() => Promise<unknown>} run */
  const act = async (run) => {
    if (busy) return;
    busy = true;
    problem = null;
    try {
      await run();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problem = error.message;
    } finally {
      busy = false;
      draw();
    }
  };

  /** @param {Parked} row */
  const take = (row) =>
    act(async () => {
      if (state.draft.lines.length) {
        problem = t("There is a ticket on the screen. Park or finish it first.");
        return;
      }
      await takeUp(row.ticket_id);
      dialog.close("taken");
    });

  /** @param {Parked} row */
  const question = (row) =>
    make(
      "div",
      { class: "row" },
      make("span", { text: t("Drop it for good?") }),
      button(t("Drop the ticket"), () => act(() => dropParked(row.ticket_id)), { kind: "danger" }),
      button(t("Keep it"), () => {
        asked = null;
        draw();
      }),
    );

  /** @param {Parked} row */
  const line = (row) =>
    make(
      "li",
      { class: "parked-row" },
      make(
        "div",
        {},
        make("strong", { text: row.note || row.client || t("Walk-in") }),
        make("small", {
          class: "soft",
          text: [row.note && row.client, count(row.lines), t("since {time}", { time: clockTime(row.parked_at) })]
            .filter(Boolean)
            .join(" · "),
        }),
        row.problem && make("p", { class: "hint", text: row.problem }),
      ),
      asked === row.ticket_id
        ? question(row)
        : make(
            "div",
            { class: "row" },
            button(t("Resume"), () => take(row), { kind: "primary" }),
            button(
              t("Drop"),
              () => {
                asked = row.ticket_id;
                draw();
              },
              { kind: "quiet danger", "aria-label": dropText(row.note || row.client) },
            ),
          ),
    );

  function draw() {
    const rows = state.parked;
    region.replaceChildren(
      ...[
        problem ? make("p", { class: "field-error", role: "alert", text: problem }) : "",
        rows.length
          ? make("ul", { class: "parked-list" }, rows.map(line))
          : make(
              "div",
              { class: "state" },
              make("h3", { text: t("Nothing is parked") }),
              make("p", { text: t("Park a ticket to serve somebody else first; any desk can take it up.") }),
            ),
      ].filter(Boolean),
    );
  }

  draw();
  const closed = openDialog(dialog);
  await act(async () => {
    const known = await call("GET", "/state");
    set({ parked: known.parked });
  });
  return closed;
}
