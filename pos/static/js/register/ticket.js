/** The ticket pane: client, lines, sums and due. Its foot is in ticket_footer.js, its end in sale_complete.js. */

import { announce } from "../announce.js";
import { t } from "../messages.js";
import { emptyModel } from "./appointments.js";
import { change } from "./cart.js";
import { setClient } from "./cart_draft.js";
import { due, tipOnReader } from "./checkout.js";
import { aboutModel, aboutRows } from "./client_head.js";
import { button, icon, make, need, redraw } from "./dom.js";
import { amount, creditsChip } from "./format.js";
import { lineForAnother, personChips, personWords } from "./line_persons.js";
import { lineName, shownLines } from "./lines.js";
import { drawPaid } from "./sale_complete.js";
import { announced, shown } from "./shortcuts.js";
import { may, watch } from "./state.js";
import { treatsModel } from "./therapists.js";
import { drawFoot } from "./ticket_footer.js";
import { accountWords, creditWords, lineAmount, lineFacts, lineList } from "./ticket_lines.js";
import { sums, tipHolders } from "./ticket_sums.js";

/** @param {State} now */
const isStill = (now) => Boolean(now.payment || now.ringing);

/**
 * @param {{client: Client | null, still: boolean, editing: boolean, about: AboutModel | null, note: string}} head
 * @param {DeskActions} open
 */
function clientHead({ client, still, editing, about, note }, open) {
  // What was written of the visit, or when the ticket was parked.
  const noted =
    note &&
    make("p", { class: "ticket-about soft" }, make("span", { class: "ticket-note", title: note }, icon("note"), note));
  if (!client) {
    return [
      make("div", { class: "ticket-who" }, make("h2", { text: t("Walk-in") }), noted),
      !still &&
        button(t("New client"), open.newClient, { kind: "quiet push", iconName: "person-add", name: "new-client" }),
    ];
  }
  const left = creditsChip(client);
  const unpaid = (client.lots ?? []).reduce((total, lot) => total + lot.unpaid_minor, 0);
  return [
    make(
      "div",
      { class: "ticket-who" },
      make("h2", { text: client.name }),
      left && make("span", { class: "chip accent" }, icon("credit"), left),
      client.account_credit_minor > 0 &&
        make(
          "span",
          { class: "chip" },
          icon("wallet"),
          t("{amount} credit", { amount: amount(client.account_credit_minor) }),
        ),
      unpaid > 0 &&
        make("span", { class: "chip warn" }, icon("clock"), t("{amount} to pay", { amount: amount(unpaid) })),
      about && aboutRows(about),
      noted,
    ),
    editing &&
      make(
        "button",
        {
          type: "button",
          class: "ticket-tool push",
          "aria-label": t("What {name} has", { name: client.name }),
          "aria-haspopup": "dialog",
          "aria-keyshortcuts": announced("I"),
          title: t("What they have ({key})", { key: shown("I") }),
          "data-focus": "client-sheet",
          onclick: open.client,
        },
        icon("credit"),
      ),
    editing &&
      make(
        "button",
        {
          type: "button",
          class: "ticket-tool",
          "aria-label": t("Take {name} off the ticket", { name: client.name }),
          onclick: () => change((draft) => setClient(draft, null), { client: null }),
        },
        icon("close"),
      ),
  ];
}

/**
 * data-state of the pane.
 * @param {State} now
 */
function standing({ payment, paid, ringing }) {
  if (paid) return "paid";
  if (ringing) return "waiting";
  if (!payment) return "open";
  if (payment.state === "partly_paid") return "partly";
  if (payment.state === "unknown") return "checking";
  return payment.state === "declined" ? "declined" : "waiting";
}

/** @type {Set<string>} */
let drawnBefore = new Set();

export class Ticket extends HTMLElement {
  /** @param {DeskActions} open what the pane's buttons open, given by desk.js */
  connectTo(open) {
    /** @param {string} name */
    const part = (name) => need(this, `[data-part="${name}"]`);
    const [head, list, foot, total, figure, footRow, end] = [
      "client",
      "lines",
      "sums",
      "due",
      "figure",
      "foot",
      "paid",
    ].map(part);
    /** @type {number | null} */
    let said = null;
    watch((now) => {
      const shows = standing(now);
      this.dataset.state = shows;
      for (const row of [head, list, foot, total, footRow]) row.hidden = shows === "paid";
      // In doubt there is one thing to read; beside the code only what is due.
      const showsCode = shows === "waiting" && Boolean(now.payment?.code) && !now.payment?.ways;
      this.toggleAttribute("data-code", showsCode);
      for (const row of [list, foot]) row.hidden ||= shows === "checking" || showsCode;
      total.hidden ||= shows === "checking";
      end.hidden = shows !== "paid";
      if (now.phase !== "ready") return;
      if (now.paid) {
        drawPaid(end, now.paid, open);
        return;
      }
      const still = isStill(now);
      const note = now.ticket?.note ?? "";
      redraw(head, { client: now.client, still, editing: !still, about: aboutModel(now), note }, (model) =>
        clientHead(model, open),
      );
      const lines = shownLines(now).map((line) => ({
        line_id: line.line_id,
        name: lineName(line),
        facts: [still && personWords(now, line), lineFacts(line)].filter(Boolean).join(" · "),
        figure: lineAmount(line),
        fresh: !drawnBefore.has(line.line_id),
        persons: personChips(now, line),
        treats: treatsModel(line, now),
      }));
      if (
        redraw(
          list,
          {
            lines,
            isWalkIn: !now.client,
            today: lines.length ? null : emptyModel(),
            still,
            mayDiscount: may("discount"),
            creditWords: creditWords(now),
            accountWords: accountWords(now),
            lateOn: now.ticket?.late_on ?? null,
            wasLate: Boolean(now.draft.service_on),
            forAnother: still ? null : lineForAnother(now),
          },
          (model) => lineList(model, open),
        ) &&
        lines.some((line) => line.fresh)
      ) {
        list.scrollTop = list.scrollHeight;
      }
      drawnBefore = new Set(now.draft.lines.map((line) => line.line_id));
      const hasLines = lines.length > 0;
      redraw(
        foot,
        hasLines && now.ticket?.totals
          ? {
              totals: now.ticket.totals,
              tip: now.draft.tip,
              discounts: now.ticket.discounts ?? [],
              lines: lines.length,
              choices: now.ticket.tip_choices,
              place: now.place,
              still,
              stored: now.ticket.stored ?? [],
              promo: now.ticket.promo ?? null,
              charges: now.ticket.charges ?? [],
              tipTo: tipHolders(now),
              readerTip: now.card.reader && now.card.tips ? tipOnReader() : null,
            }
          : null,
        (model) => (model ? sums(model, open) : []),
      );
      const owed = hasLines ? due() : 0;
      if (owed !== null || now.offline) figure.textContent = owed === null ? "…" : amount(owed);
      figure.classList.toggle("old", now.saving);
      if (!now.saving && hasLines && owed !== null && owed !== said)
        announce(t("Due {amount}", { amount: amount(owed) }));
      if (!now.saving && owed !== null) said = owed;
      drawFoot(footRow, now, open);
    });
  }
}
customElements.define("register-ticket", Ticket);
