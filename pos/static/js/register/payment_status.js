/** A payment that is not decided yet: what is happening, in one sentence, and the ways out. */
import { t, withNodes } from "../messages.js";
import { again, askAt, cancel, cashInstead, closeWays, freeReader, lookForWays, showCode } from "./card_payment.js";
import { button, icon, make, redraw, sum } from "./dom.js";
import { amount, clockTime, firstName } from "./format.js";
import { receivedRows } from "./parts.js";

/**
 * One sentence, a hint and keys.
 * @param {{words: string, strong?: string, kind?: string, busy?: boolean, says?: string | null, keys?: Children, parts?: PaidPart[]}} model
 */
export function says(model) {
  const { kind, words, strong, keys, busy } = model;
  return [
    make(
      "div",
      { class: "ticket-says", role: kind === "declined" || kind === "unknown" ? "alert" : "status" },
      receivedBefore(model.parts),
      make("p", { class: busy ? "spinner" : null }, strong && make("strong", { text: strong }), strong && " ", words),
      model.says && make("p", { class: "hint", text: model.says }),
      keys && make("div", { class: "row" }, keys),
    ),
  ];
}

/**
 * What was received of the ticket before this card, which stays whatever becomes of it.
 * @param {PaidPart[]} [parts]
 */
const receivedBefore = (parts = []) => parts.length > 0 && receivedRows(parts);

/**
 * All that the foot shows of a payment.
 * @param {Payment} payment
 * @param {State} now
 */
function modelOf(payment, now) {
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
    parts = [],
  } = payment;
  const name = now.client ? firstName(now.client.name) : null;
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
    name,
    mayCode: now.card.on,
    parts,
  };
}

/** @param {PaymentModel} model */
const starting = ({ way }) =>
  says({ words: way === "checkout" ? t("Making the QR code.") : t("Waking the reader."), busy: true });

/**
 * In doubt: a screen of its own, because the one thing to do is to wait.
 * @param {PaymentModel} model
 */
function unknown(model) {
  const { sentence, reason, way, stopping } = model;
  if (sentence) return says({ ...model, strong: sentence, words: t("Do not charge again; tell a manager.") });
  const gone = reason === "reader_gone";
  return [
    make(
      "div",
      { class: "ticket-says ticket-doubt", role: "alert" },
      icon("wait"),
      make("h2", { text: gone ? t("The reader went off the line") : t("We are checking with the bank") }),
      make("p", { class: "money", text: amount(model.minor) }),
      receivedBefore(model.parts),
      make("p", {
        text: gone
          ? t("It may have been at the bank with the card. We are asking the bank whether this went through.")
          : t("We do not know yet whether this went through."),
      }),
      make("p", {}, make("strong", { text: t("Do not charge again.") })),
      make("p", {
        class: "hint",
        text: gone
          ? t(
              "Plug the reader in again, and this goes on by itself. Or stop: then the bank is told first that nothing may be taken.",
            )
          : t("This page asks again every few seconds. Nothing is lost if you close it."),
      }),
      model.says && make("p", { class: "hint", text: model.says }),
      (gone || way === "checkout") &&
        make("div", { class: "row" }, button(t("Stop this payment"), cancel, { name: "stop", disabled: stopping })),
    ),
  ];
}

/** @param {PaymentModel} model */
function declined(model) {
  const { sentence, stopping, way, mayCode } = model;
  const off = { disabled: stopping };
  return says({
    ...model,
    strong: sentence ?? t("The card was declined."),
    words: "",
    keys: [
      button(way === "checkout" ? t("Try again") : t("Ask again"), again, {
        kind: "primary",
        key: "Enter",
        name: "again",
        ...off,
      }),
      button(t("Cash instead"), cashInstead, { iconName: "cash", name: "cash-instead", ...off }),
      mayCode && button(t("Another way"), lookForWays, { iconName: "more", name: "ways", ...off }),
      button(t("Stop"), cancel, { kind: "quiet", name: "stop", ...off }),
    ],
  });
}

/**
 * What the receptionist says to the client at the reader.
 * @param {PaymentModel} model
 */
function askText({ cash, minor, name }) {
  const facts = { cash: amount(cash), amount: amount(minor), name: name ?? "" };
  if (cash && name) return t("{cash} in cash, {amount} by card: ask {name} to hold the card to the reader.", facts);
  if (cash) return t("{cash} in cash, {amount} by card: ask the client to hold the card to the reader.", facts);
  if (name) return t("{amount} by card: ask {name} to hold the card to the reader.", facts);
  return t("{amount} by card: ask the client to hold the card to the reader.", facts);
}

/** @param {{minor: number, name: string | null}} model */
function scanText({ minor, name }) {
  const nodes = { amount: sum(amount(minor)), name: document.createTextNode(name ?? "") };
  if (name) return withNodes(t("Let {name} scan this and pay {amount}."), nodes);
  return withNodes(t("Let the client scan this and pay {amount}."), nodes);
}

/** @param {PaymentModel} model */
function atReader(model) {
  const { stopping, asksTip, mayCode } = model;
  const off = { disabled: stopping };
  return says({
    ...model,
    busy: true,
    words: asksTip ? [askText(model), t("The reader asks for a tip first.")].join(" ") : askText(model),
    keys: [
      button(t("Stop, choose again"), cancel, { key: "Esc", name: "stop", ...off }),
      button(t("Take cash instead"), cashInstead, { kind: "quiet", name: "cash-instead", ...off }),
      mayCode && button(t("Another way"), lookForWays, { kind: "quiet", iconName: "more", name: "ways", ...off }),
    ],
  });
}

/**
 * The code on the screen, turned to the client.
 * @param {PaymentModel} model
 * @param {NonNullable<Payment["code"]>} code
 */
function byCode({ minor, name, parts, stopping, says: said }, code) {
  const off = { disabled: stopping };
  return [
    make(
      "div",
      { class: "ticket-says ticket-code", role: "status" },
      receivedBefore(parts),
      make("p", {}, scanText({ minor, name })),
      make("img", { src: code.image, alt: t("QR code that leads to the payment page"), width: 232, height: 232 }),
      make(
        "p",
        {},
        withNodes(t("Or type {address}"), { address: make("strong", { class: "typed", text: code.short_url }) }),
      ),
      make("p", {
        class: "hint",
        text: t("It can be paid once, until {time}. This screen changes by itself when it is paid.", {
          time: clockTime(code.expires_at),
        }),
      }),
      said && make("p", { class: "hint", text: said }),
      make(
        "div",
        { class: "row" },
        button(t("Stop, choose again"), cancel, { key: "Esc", name: "stop", ...off }),
        make(
          "a",
          { class: "button", href: code.page, target: "_blank", rel: "noopener", "data-focus": "print-code" },
          icon("print"),
          make("span", { text: t("Print it") }),
        ),
        button(t("Another way"), lookForWays, { kind: "quiet", iconName: "more", name: "ways", ...off }),
      ),
    ),
  ];
}

/** @type {Record<Reader["state"], string>} */
const READER_WORDS = { free: t("free"), busy: t("busy"), offline: t("not on the line"), unknown: t("does not answer") };

/**
 * @param {Reader} reader
 * @param {PaymentModel} model
 */
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
        text:
          reader.state === "busy" && reader.holder
            ? t("busy with {holder}", { holder: reader.holder })
            : READER_WORDS[reader.state],
      }),
    ),
    reader.state === "free" || (isAsking && reader.state !== "busy")
      ? button(t("Ask here"), () => askAt(reader.reader_id), { name: `ask-${reader.reader_id}`, disabled: stopping })
      : stuck &&
          button(t("Free it"), () => freeReader(reader), {
            kind: "quiet",
            name: `free-${reader.reader_id}`,
            disabled: stopping,
          }),
  );
}

/** @param {PaymentModel} model */
function waysPanel(model) {
  const { ways, way, stopping } = model;
  const others = Array.isArray(ways) ? ways : [];
  return [
    make(
      "div",
      { class: "ticket-says ticket-ways", role: "group", "aria-label": t("Another way to pay") },
      make(
        "div",
        { class: "row spread" },
        make("p", { text: t("Another way to pay") }),
        button(t("Back"), closeWays, { kind: "quiet", iconName: "back", name: "back" }),
      ),
      ways === "looking" && make("p", { class: "spinner", role: "status", text: t("Looking which readers are free.") }),
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
              make("strong", { text: t("QR code") }),
              make("small", { class: "soft", text: t("The client pays on their phone.") }),
            ),
            button(t("Show the code"), showCode, { name: "show-code", disabled: stopping }),
          ),
      ),
      model.says && make("p", { class: "hint", text: model.says }),
    ),
  ];
}

/** @param {PaymentModel} model */
function panel(model) {
  if (model.kind === "starting") return starting(model);
  if (model.kind === "unknown") return unknown(model);
  if (model.ways) return waysPanel(model);
  if (model.kind === "declined") return declined(model);
  if (model.code) return byCode(model, model.code);
  return model.way === "checkout" ? starting(model) : atReader(model);
}

/**
 * Draw the payment into the foot of the ticket.
 * @param {HTMLElement} region
 * @param {State} now
 */
export function drawPayment(region, now) {
  if (now.payment) redraw(region, modelOf(now.payment, now), panel);
}
