/** The screen that faces the client: asks what there is to show, shows it, and sends the tip that is chosen. */

import { ask, Problem } from "./http.js";
import { t } from "./messages.js";
import { make, need } from "./register/dom.js";

/** Between two questions, while something is going on and while nothing is. Milliseconds. */
const SOON = 1000;
const LATER = 2000;
/** Questions without an answer before the screen says so. */
const MOST_SILENT = 3;

const page = need(document, "[data-display]");
const [left, side] = [need(page, "[data-lines]"), need(page, "[data-side]")];

/** @type {Facing | null} */
let shown = null;
let silent = 0;
/** The tip that was tapped and is on its way to the desk. @type {string | null} */
let tapped = null;

/** @param {string} words */
const word = (words, kind = "facing-word") => make("p", { class: kind, text: words });

/** @param {string} path @param {string} words */
const picture = (path, words) => make("img", { src: path, alt: words, width: 240, height: 240 });

/** @param {Facing} now @param {string} percent */
async function chooseTip(now, percent) {
  tapped = percent;
  draw(now);
  try {
    await ask("POST", "/register/display/tip", { body: { ticket_id: now.ticket_id, percent } });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === "csrf") location.reload();
    tapped = null;
    draw(now);
    side.append(word(error.message, "facing-hint"));
  }
}

/** @param {Facing} now */
function tips(now) {
  /** @param {string} percent @param {string} words @param {string} amount @param {boolean} chosen */
  const key = (percent, words, amount, chosen) =>
    make(
      "button",
      {
        type: "button",
        class: "button",
        "aria-pressed": String(tapped === null ? chosen : tapped === percent),
        onclick: () => chooseTip(now, percent),
      },
      make("strong", { text: words }),
      amount && make("span", { class: "money", text: amount }),
    );
  return make(
    "div",
    { class: "facing-tips", role: "group", "aria-label": t("Would you like to add a tip?") },
    word(t("Would you like to add a tip?"), "facing-hint"),
    (now.tips ?? []).map((one) => key(one.percent, one.words, one.amount, one.chosen)),
    key("0", t("No tip"), "", !now.has_tip && tapped !== null),
  );
}

/** @param {Facing} now */
function paid(now) {
  return [
    word(t("Thank you!")),
    now.total && make("output", { class: "facing-due money", text: now.total }),
    now.change && word(t("Your change: {amount}", { amount: now.change }), "facing-hint"),
    now.image && picture(now.image, t("QR code of your receipt")),
    now.image && word(t("Scan it to take receipt {receipt} along.", { receipt: now.receipt ?? "" }), "facing-hint"),
  ];
}

/** @param {Facing} now */
function toPay(now) {
  /** @type {Record<string, string>} */
  const words = {
    card: t("Please hold your card to the reader."),
    code: t("Scan this code and pay on your phone."),
    checking: t("One moment please. The payment is being checked; do not pay again."),
    declined: t("That did not work. The reception tells you how to go on."),
  };
  return [
    word(t("To pay"), "facing-hint"),
    make("output", { class: "facing-due money", text: now.due ?? "" }),
    words[now.state] && word(words[now.state]),
    now.state === "code" && now.image && picture(now.image, t("QR code that leads to the payment page")),
    (now.tips ?? []).length > 0 && tips(now),
  ];
}

/** @param {(Node | string | false | null | undefined | "")[]} nodes */
const only = (nodes) => /** @type {Node[]} */ (nodes.filter(Boolean));

/** @param {Facing} now */
function draw(now) {
  page.dataset.state = now.state;
  const lines = now.lines ?? [];
  const focused = document.activeElement?.textContent;
  left.hidden = lines.length === 0;
  page.classList.toggle("alone", lines.length === 0);
  left.replaceChildren(
    ...only([
      lines.length > 0 &&
        make("h2", { text: now.first_name ? t("Hello {name}", { name: now.first_name }) : t("Your visit") }),
      make(
        "ul",
        {},
        lines.map((line) =>
          make("li", {}, make("span", { text: line.name }), make("span", { class: "money", text: line.amount })),
        ),
        (now.sums ?? []).map((sum) =>
          make(
            "li",
            { class: "soft" },
            make("span", { text: sum.words }),
            make("span", { class: "money", text: sum.amount }),
          ),
        ),
      ),
    ]),
  );
  if (now.state === "idle") side.replaceChildren(word(now.clinic ?? ""), word(t("Welcome"), "facing-hint"));
  else side.replaceChildren(...only(now.state === "paid" ? paid(now) : toPay(now)));
  const again = [...side.querySelectorAll("button")].find((one) => focused && one.textContent === focused);
  again?.focus();
}

function drawLost() {
  page.dataset.state = "lost";
  left.hidden = true;
  page.classList.add("alone");
  side.replaceChildren(
    word(t("Connection lost")),
    word(t("The reception goes on; this screen tries again."), "facing-hint"),
  );
}

async function look() {
  try {
    /** @type {Facing} */
    const now = await ask("GET", `/register/display/state?seen=${encodeURIComponent(shown?.key ?? "")}`, {
      timeout: 8000,
    });
    const wasLost = silent >= MOST_SILENT;
    silent = 0;
    if (now.state === "unpaired") {
      location.reload();
      return;
    }
    if (now.state) {
      if (now.ticket_id !== shown?.ticket_id || now.key !== shown?.key) tapped = null;
      shown = now;
      draw(now);
    } else if (wasLost && shown) draw(shown);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    silent += 1;
    if (silent === MOST_SILENT) drawLost();
  }
  setTimeout(look, !shown || shown.state === "idle" ? LATER : SOON);
}

look();
