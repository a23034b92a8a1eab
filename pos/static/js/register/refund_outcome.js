/** What became of a refund: its parts with their states, and other destinations for a part that did not arrive. */

import { Problem } from "../http.js";
import { t } from "../messages.js";
import { call } from "./api_client.js";
import { withApproval } from "./approval.js";
import { button, icon, make, sum } from "./dom.js";
import { amount, moment, money } from "./format.js";
import { otherPaperLink, paperLink, printKey } from "./papers.js";
import { tenderLabel } from "./tenders.js";

/** @type {Record<RefundState, {words: string, kind: string, icon: string}>} */
export const STATES = {
  paid_back: { words: t("Paid back"), kind: "good", icon: "done" },
  waiting: { words: t("On its way: the bank has it"), kind: "warn", icon: "clock" },
  created: { words: t("Being sent"), kind: "warn", icon: "clock" },
  unknown: { words: t("We are checking with the bank. Do not give it back again"), kind: "warn", icon: "warning" },
  failed: { words: t("It did not arrive"), kind: "bad", icon: "alert" },
};

/** @param {RefundPart} part */
function destination({ kind, label }) {
  if (kind === "card") return label ?? "";
  if (kind === "gift_card") return t("Gift card {label}", { label: label ?? "" });
  return tenderLabel(kind);
}

/**
 * What a manager approves: an amount to another destination.
 * @param {number} minor
 * @param {Destination} kind
 */
function anotherText(minor, kind) {
  const facts = { amount: money(minor) };
  if (kind === "cash") return t("Give {amount} back in cash.", facts);
  if (kind === "card") return t("Give {amount} back to the card once more.", facts);
  return t("Give {amount} back as account credit.", facts);
}

/** @param {RefundPart} part */
function partWords(part) {
  const { words, kind, icon: name } = STATES[part.state];
  const where = destination(part);
  return make(
    "li",
    { class: "refund-part" },
    make("span", {}, `${where} `, sum(amount(part.amount_minor))),
    make(
      "span",
      { class: `chip ${kind}` },
      icon(name),
      part.state === "failed" && !part.owed ? t("Did not arrive; given back another way") : words,
    ),
    part.sentence && make("p", { class: "hint", text: part.sentence }),
  );
}

/**
 * @param {Refund} refund
 * @param {RefundPart} part
 * @param {Destination} kind
 * @param {ShowRefund} show
 */
async function another(refund, part, kind, show) {
  const text = anotherText(part.amount_minor, kind);
  try {
    const done = await withApproval(
      (approvalId) =>
        call("POST", `/refunds/${refund.refund_id}/another-way`, {
          part_id: part.part_id,
          kind,
          approval_id: approvalId,
        }),
      text,
    );
    if (done) show(done);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    show(refund, error.message);
  }
}

/**
 * @param {Refund} refund
 * @param {RefundPart} part
 * @param {ShowRefund} show
 */
function otherWays(refund, part, show) {
  return make(
    "div",
    { class: "paper-keys" },
    button(t("In cash"), () => another(refund, part, "cash", show), { iconName: "cash" }),
    button(t("To the card again"), () => another(refund, part, "card", show), { iconName: "card" }),
    refund.named !== false &&
      button(t("As account credit"), () => another(refund, part, "account_credit", show), { iconName: "person" }),
  );
}

/** @param {Refund} refund */
const noteText = ({ kind, note }) => (kind === "void" ? t("Void {note}", { note }) : t("Refund {note}", { note }));

/**
 * What became of a refund, as nodes; `show(refund, problem)` draws it anew.
 * @param {Refund} refund
 * @param {ShowRefund} show
 * @param {string | null} [problem]
 */
export function outcome(refund, show, problem = null) {
  const doubtful = refund.state === "unknown" || refund.state === "waiting";
  const again = async () => {
    try {
      show(await call("GET", `/refunds/${refund.refund_id}`));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      show(refund, error.message);
    }
  };
  return [
    make("p", {
      class: "soft",
      text: [noteText(refund), moment(refund.created_at), refund.reason].join(" · "),
    }),
    make(
      "ul",
      { class: "refund-parts" },
      refund.parts.map((part) => [partWords(part), part.owed && make("li", {}, otherWays(refund, part, show))]),
    ),
    refund.total_minor === 0 && make("p", { text: t("The sessions were given up; no money went back.") }),
    problem && make("p", { class: "field-error", role: "alert", text: problem }),
    make(
      "div",
      { class: "paper-keys" },
      printKey(t("Print the credit note"), { to: `/refunds/${refund.refund_id}/print`, pdf: refund.pdf }),
      otherPaperLink(refund.pdf),
      paperLink(t("As a page"), refund.html, "eye"),
      doubtful && button(t("Look again"), again, { iconName: "redo" }),
    ),
  ];
}
