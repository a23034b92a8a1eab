/** A payment that is not decided yet: what is happening, in one sentence, and the ways out. */
import { again, askAt, cancel, cashInstead, closeWays, freeReader, lookForWays, showCode } from "./card_payment.js";
import { button, icon, make, redraw, sum } from "./dom.js";
import { amount, clockTime, firstName } from "./format.js";

/** One sentence, a hint and keys. */
export function says(model) {
  const { kind, words, strong, keys, busy } = model;
  return [
    make(
      "div",
      { class: "ticket-says", role: kind === "declined" || kind === "unknown" ? "alert" : "status" },
      make("p", { class: busy ? "spinner" : null }, strong && make("strong", { text: strong }), strong && " ", words),
      model.says && make("p", { class: "hint", text: model.says }),
      keys && make("div", { class: "row" }, keys),
    ),
  ];
}

/** All that the foot shows of a payment. */
function modelOf(now) {
  const {
    state: kind,
    kind: way,
    code,
    reader,
    cash_minor: cash,
    sentence,
    reason_code: reason,
    busy,
    says: said,
    amount_minor: minor,
    ways,
    tip_asked: asksTip,
  } = now.payment;
  const who = now.client ? firstName(now.client.name) : "the client";
  return {
    kind,
    way,
    code: code ?? null,
    reader: reader ?? null,
    cash,
    sentence: sentence ?? null,
    reason: reason ?? null,
    stopping: Boolean(busy),
    says: said ?? null,
    minor,
    ways: ways ?? null,
    asksTip: Boolean(asksTip),
    who,
    mayCode: now.card.on,
  };
}

const starting = ({ way }) =>
  says({ words: way === "checkout" ? "Making the QR code." : "Waking the reader.", busy: true });

/** In doubt: a screen of its own, because the one thing to do is to wait. */
function unknown(model) {
  const { sentence, reason, way, stopping } = model;
  if (sentence) return says({ ...model, strong: sentence, words: "Do not charge again; tell a manager." });
  const gone = reason === "reader_gone";
  return [
    make(
      "div",
      { class: "ticket-says ticket-doubt", role: "alert" },
      icon("wait"),
      make("h2", { text: gone ? "The reader went off the line" : "We are checking with the bank" }),
      make("p", { class: "money", text: amount(model.minor) }),
      make("p", {
        text: gone
          ? "It may have been at the bank with the card. We are asking the bank whether this went through."
          : "We do not know yet whether this went through.",
      }),
      make("p", {}, make("strong", { text: "Do not charge again." })),
      make("p", {
        class: "hint",
        text: gone
          ? "Plug the reader in again, and this goes on by itself. Or stop: then the bank is told first that nothing may be taken."
          : "This page asks again every few seconds. Nothing is lost if you close it.",
      }),
      model.says && make("p", { class: "hint", text: model.says }),
      (gone || way === "checkout") &&
        make("div", { class: "row" }, button("Stop this payment", cancel, { name: "stop", disabled: stopping })),
    ),
  ];
}

function declined(model) {
  const { sentence, cash, stopping, way, mayCode } = model;
  const off = { disabled: stopping };
  return says({
    ...model,
    strong: sentence ?? "The card was declined.",
    words: cash ? `The ${amount(cash)} in cash is not booked yet.` : "",
    keys: [
      button(way === "checkout" ? "Try again" : "Ask again", again, {
        kind: "primary",
        key: "Enter",
        name: "again",
        ...off,
      }),
      button("Cash instead", cashInstead, { iconName: "cash", name: "cash-instead", ...off }),
      mayCode && button("Another way", lookForWays, { iconName: "more", name: "ways", ...off }),
      button("Stop", cancel, { kind: "quiet", name: "stop", ...off }),
    ],
  });
}

function atReader(model) {
  const { cash, minor, who, stopping, asksTip, mayCode } = model;
  const first = cash ? `${amount(cash)} in cash, ` : "";
  const off = { disabled: stopping };
  const tip = asksTip ? " The reader asks for a tip first." : "";
  return says({
    ...model,
    busy: true,
    words: `${first}${amount(minor)} by card: ask ${who} to hold the card to the reader.${tip}`,
    keys: [
      button("Stop, choose again", cancel, { key: "Esc", name: "stop", ...off }),
      button("Take cash instead", cashInstead, { kind: "quiet", name: "cash-instead", ...off }),
      mayCode && button("Another way", lookForWays, { kind: "quiet", iconName: "more", name: "ways", ...off }),
    ],
  });
}

/** The code on the screen, turned to the client. */
function byCode({ code, minor, who, cash, stopping, says: said }) {
  const off = { disabled: stopping };
  return [
    make(
      "div",
      { class: "ticket-says ticket-code", role: "status" },
      make("p", {}, cash ? `${amount(cash)} in cash. ` : "", `Let ${who} scan this and pay `, sum(amount(minor)), "."),
      make("img", { src: code.image, alt: "QR code that leads to the payment page", width: 232, height: 232 }),
      make("p", {}, "Or type ", make("strong", { class: "typed", text: code.short_url })),
      make("p", {
        class: "hint",
        text: `It can be paid once, until ${clockTime(code.expires_at)}. This screen changes by itself when it is paid.`,
      }),
      said && make("p", { class: "hint", text: said }),
      make(
        "div",
        { class: "row" },
        button("Stop, choose again", cancel, { key: "Esc", name: "stop", ...off }),
        make(
          "a",
          { class: "button", href: code.page, target: "_blank", rel: "noopener", "data-focus": "print-code" },
          icon("print"),
          make("span", { text: "Print it" }),
        ),
        button("Another way", lookForWays, { kind: "quiet", iconName: "more", name: "ways", ...off }),
      ),
    ),
  ];
}

const READER_WORDS = { free: "free", busy: "busy", offline: "not on the line", unknown: "does not answer" };

function readerRow(reader, { way, reader: asking, stopping }) {
  const isAsking = way === "reader" && reader.label === asking && reader.is_own;
  const stuck = reader.state === "busy" && (reader.holder || !reader.order_id);
  return make(
    "li",
    { class: "way" },
    icon("reader"),
    make(
      "span",
      {},
      make("strong", { text: `${reader.label}, ${reader.desk}` }),
      make("small", {
        class: "soft",
        text: reader.state === "busy" && reader.holder ? `busy with ${reader.holder}` : READER_WORDS[reader.state],
      }),
    ),
    reader.state === "free" || (isAsking && reader.state !== "busy")
      ? button("Ask here", () => askAt(reader.reader_id), { name: `ask-${reader.reader_id}`, disabled: stopping })
      : stuck &&
          button("Free it", () => freeReader(reader), {
            kind: "quiet",
            name: `free-${reader.reader_id}`,
            disabled: stopping,
          }),
  );
}

function waysPanel(model) {
  const { ways, way, stopping } = model;
  const others = ways === "looking" ? [] : ways;
  return [
    make(
      "div",
      { class: "ticket-says ticket-ways", role: "group", "aria-label": "Another way to pay" },
      make(
        "div",
        { class: "row spread" },
        make("p", { text: "Another way to pay" }),
        button("Back", closeWays, { kind: "quiet", iconName: "back", name: "back" }),
      ),
      ways === "looking" && make("p", { class: "spinner", role: "status", text: "Looking which readers are free." }),
      make(
        "ul",
        { class: "ways" },
        others.map((one) => readerRow(one, model)),
        way !== "checkout" &&
          make(
            "li",
            { class: "way" },
            icon("qr"),
            make(
              "span",
              {},
              make("strong", { text: "QR code" }),
              make("small", { class: "soft", text: "The client pays on their phone." }),
            ),
            button("Show the code", showCode, { name: "show-code", disabled: stopping }),
          ),
      ),
      model.says && make("p", { class: "hint", text: model.says }),
    ),
  ];
}

function panel(model) {
  if (model.kind === "starting") return starting(model);
  if (model.kind === "unknown") return unknown(model);
  if (model.ways) return waysPanel(model);
  if (model.kind === "declined") return declined(model);
  if (model.code) return byCode(model);
  return model.way === "checkout" ? starting(model) : atReader(model);
}

/** Draw the payment into the foot of the ticket. */
export function drawPayment(region, now) {
  redraw(region, modelOf(now), panel);
}
