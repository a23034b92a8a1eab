/** Money back: the arithmetic first, then a reason, a manager where one is needed, and what became of it in words. */
import { announce } from "../announce.js";
import { newKey, Problem } from "../http.js";
import { call, insist } from "./api_client.js";
import { withApproval } from "./approval.js";
import { askForm, Refused } from "./dialogs.js";
import { button, icon, make, sum } from "./dom.js";
import { amount, fieldText, moment, money, readAmount } from "./format.js";
import { paperLink } from "./sale_complete.js";

const WAYS = {
  card: "To the card",
  cash: "In cash from the drawer",
  gift_card: "Onto the gift card",
  account_credit: "As account credit",
};
const STATES = {
  paid_back: { words: "Paid back", kind: "good", icon: "done" },
  waiting: { words: "On its way: the bank has it", kind: "warn", icon: "clock" },
  created: { words: "Being sent", kind: "warn", icon: "clock" },
  unknown: { words: "We are checking with the bank. Do not give it back again", kind: "warn", icon: "warning" },
  failed: { words: "It did not arrive", kind: "bad", icon: "alert" },
};
const PAUSE = 250;

const row = (words, figure, strong = false) =>
  make("div", {}, make("dt", {}, strong ? make("strong", { text: words }) : words), make("dd", {}, sum(figure)));

function arithmetic(chosen) {
  const hasTax = chosen.tax_minor > 0;
  return [
    chosen.steps.length > 0 &&
      make(
        "dl",
        { class: "sums" },
        chosen.steps.map((step) => row(step.words, amount(step.minor))),
      ),
    make(
      "dl",
      { class: chosen.steps.length > 0 ? "sums ruled" : "sums" },
      row("Given back", money(chosen.total_minor), true),
      hasTax && row("of it tax", amount(chosen.tax_minor)),
    ),
    chosen.total_minor === 0 &&
      make("p", {
        text: "Nothing comes back. Offer to keep the sessions that are left; giving them up cannot be undone.",
      }),
    chosen.ways.length > 0 &&
      make(
        "dl",
        { class: "sums ruled" },
        chosen.ways.map((way) => row(WAYS[way.kind], amount(way.amount_minor))),
      ),
    chosen.credits > 0 &&
      make("p", {
        class: "hint",
        text: `${chosen.credits} ${chosen.credits === 1 ? "session is" : "sessions are"} given up.`,
      }),
  ];
}

function partWords(part) {
  const { words, kind, icon: name } = STATES[part.state];
  const where =
    part.kind === "card"
      ? part.label
      : { cash: "Cash", gift_card: `Gift card ${part.label}`, account_credit: "Account credit" }[part.kind];
  return make(
    "li",
    { class: "refund-part" },
    make("span", {}, `${where} `, sum(amount(part.amount_minor))),
    make(
      "span",
      { class: `chip ${kind}` },
      icon(name),
      part.state === "failed" && !part.owed ? "Did not arrive; given back another way" : words,
    ),
    part.sentence && make("p", { class: "hint", text: part.sentence }),
  );
}

async function another(refund, part, kind, show) {
  const text = `Give ${money(part.amount_minor)} back ${kind === "cash" ? "in cash" : kind === "card" ? "to the card once more" : "as account credit"}.`;
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

function otherWays(refund, part, show) {
  return make(
    "div",
    { class: "paper-keys" },
    button("In cash", () => another(refund, part, "cash", show), { iconName: "cash" }),
    button("To the card again", () => another(refund, part, "card", show), { iconName: "card" }),
    refund.named !== false &&
      button("As account credit", () => another(refund, part, "account_credit", show), { iconName: "person" }),
  );
}

/** What became of a refund, as nodes; `show(refund, trouble)` draws it anew. */
export function outcome(refund, show, trouble = null) {
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
      text: `${refund.kind === "void" ? "Void" : "Refund"} ${refund.note} · ${moment(refund.created_at)} · ${refund.reason}`,
    }),
    make(
      "ul",
      { class: "refund-parts" },
      refund.parts.map((part) => [partWords(part), part.owed && make("li", {}, otherWays(refund, part, show))]),
    ),
    refund.total_minor === 0 && make("p", { text: "The sessions were given up; no money went back." }),
    trouble && make("p", { class: "field-error", role: "alert", text: trouble }),
    make(
      "div",
      { class: "paper-keys" },
      paperLink("Print the credit note", refund.pdf_80mm, "print"),
      paperLink("A4", refund.pdf_a4, "file"),
      paperLink("As a page", refund.html, "eye"),
      doubtful && button("Look again", again, { iconName: "redo" }),
    ),
  ];
}

function choices(sale) {
  const radio = (value, words, detail, checked, disabled = false) =>
    make(
      "label",
      { class: "check" },
      make("input", { type: "radio", name: "what", value, checked, disabled }),
      make("span", {}, words, detail && make("br"), detail && make("small", { class: "soft", text: detail })),
    );
  const lines = sale.lines.filter((line) => !line.why_not);
  const packages = sale.packages.map((one, at) =>
    radio(
      `package:${one.package_id}`,
      one.name,
      one.why_not || `${one.left} of ${one.credits} sessions left`,
      !one.why_not && at === 0,
      Boolean(one.why_not),
    ),
  );
  const hasPackage = sale.packages.some((one) => !one.why_not);
  return [
    sale.void &&
      radio(
        "void",
        "Void the whole sale",
        "It was rung up in this shift; everything goes back and both records stay.",
        !hasPackage,
      ),
    ...packages,
    (lines.length > 0 || sale.tip_minor > 0) &&
      radio("lines", "Some of it", "Choose what goes back, and how much of it.", !hasPackage && !sale.void),
  ].filter(Boolean);
}

function lineChoices(sale) {
  return sale.lines.map((line) =>
    make(
      "label",
      { class: "check" },
      make("input", {
        type: "checkbox",
        name: "position",
        value: String(line.position),
        checked: !line.why_not,
        disabled: Boolean(line.why_not),
      }),
      make(
        "span",
        {},
        line.quantity > 1 ? `${line.quantity} × ${line.name}` : line.name,
        line.why_not && make("br"),
        line.why_not && make("small", { class: "soft", text: line.why_not }),
      ),
      make("span", { class: "push" }, sum(amount(line.left_minor))),
    ),
  );
}

function read(form, sale) {
  const what = form.elements.what.value;
  if (what === "void") return { what };
  const asCredit = form.elements.as_credit.checked;
  if (what.startsWith("package:")) return { what, body: { package_id: what.slice(8), as_credit: asCredit } };
  const positions = [...form.querySelectorAll("[name=position]:checked")].map((box) => Number(box.value));
  const typed = form.elements.amount.value.trim();
  const minor = typed ? readAmount(typed) : null;
  if (typed && !(minor >= 0))
    throw new Refused("Write an amount, such as 20.00, or leave it empty for all of it.", "amount");
  const tip = form.elements.tip.checked ? sale.tip_minor : 0;
  if (!positions.length && !tip) throw new Refused("Choose what goes back.", "lines");
  return { what, body: { positions, amount_minor: positions.length ? minor : 0, tip_minor: tip, as_credit: asCredit } };
}

function prepare(form, sale, keep) {
  const preview = form.querySelector("[data-preview]");
  const submit = form.querySelector("button:not([type=button])");
  let timer = null;
  let asked = 0;

  async function look() {
    const mine = ++asked;
    keep.chosen = null;
    submit.disabled = true;
    try {
      const wanted = read(form, sale);
      const chosen =
        wanted.what === "void" ? sale.void : await call("POST", `/sales/${sale.sale_id}/refund-preview`, wanted.body);
      if (mine !== asked) return;
      keep.wanted = wanted;
      keep.chosen = chosen;
      preview.replaceChildren(...arithmetic(chosen).flat().filter(Boolean));
      submit.querySelector("span").textContent =
        wanted.what === "void"
          ? `Void, ${money(chosen.total_minor)} back`
          : chosen.total_minor
            ? `Refund ${money(chosen.total_minor)}`
            : "Give the sessions up";
      submit.disabled = false;
    } catch (error) {
      if (mine !== asked) return;
      if (!(error instanceof Problem) && !(error instanceof Refused)) throw error;
      preview.replaceChildren(make("p", { class: "field-error", role: "alert", text: error.message }));
    }
  }

  function shows() {
    const what = form.elements.what.value;
    form.querySelector("[data-some]").hidden = what !== "lines";
    form.querySelector("[data-credit]").hidden = what === "void" || !sale.named;
  }

  form.querySelector("[data-what]").replaceChildren(...choices(sale));
  form.querySelector("[data-lines]").replaceChildren(...lineChoices(sale));
  form.querySelector("[data-tip]").hidden = !sale.tip_minor;
  form.querySelector("[data-tip-words]").textContent = `The tip of ${fieldText(sale.tip_minor)} too`;
  shows();
  form.oninput = (event) => {
    if (event.target.name === "reason") return;
    shows();
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  };
  return look();
}

/** Give something of a sale back. Resolves to the refund as it then stands, or null. */
export async function refundForm(saleId) {
  const sale = await call("GET", `/sales/${saleId}/refundable`);
  const keep = { wanted: null, chosen: null, refundId: newKey(), content: null };
  let done = null;
  await askForm(
    "refund-dialog",
    (form, dialog) => {
      dialog.querySelector("h2").textContent = `Money back for ${sale.receipt}`;
      prepare(form, sale, keep);
    },
    async (form) => {
      if (!keep.chosen) throw new Refused("Choose what goes back.", "lines");
      const reason = form.elements.reason.value.trim();
      if (reason.length < 3) throw new Refused("Write why. It is kept with the refund.", "reason");
      const { what, body } = keep.wanted;
      const given = { ...(body ?? {}), reason, expected_total_minor: keep.chosen.total_minor };
      // A retry of the same wish carries the same key; another wish gets its own.
      const content = JSON.stringify([what, given]);
      if (keep.content !== null && keep.content !== content) keep.refundId = newKey();
      keep.content = content;
      const path = what === "void" ? "void" : "refunds";
      const total = money(keep.chosen.total_minor);
      const text =
        what === "void"
          ? `Void receipt ${sale.receipt}: ${total} back.`
          : `Refund ${total} for receipt ${sale.receipt}${sale.client ? `, ${sale.client}` : ""}.`;
      done = await withApproval(
        (approvalId) =>
          insist("POST", `/sales/${saleId}/${path}`, { ...given, refund_id: keep.refundId, approval_id: approvalId }),
        text,
      );
      if (!done) throw new Refused("Nobody approved it. Nothing was given back.", null);
    },
  );
  if (done) announce(`${done.kind === "void" ? "Voided" : "Refund"} ${done.note}. ${STATES[done.state].words}.`);
  return done;
}

/** The part of a sale's panel about money back: what was given back before, and the way to give more. */
export function refundSection(saleId) {
  const region = make("section", { class: "refund-section", "aria-label": "Money back" });
  const list = make("div", {});
  const start = async (event) => {
    const key = event.currentTarget;
    key.disabled = true;
    try {
      if (await refundForm(saleId)) await load();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      list.prepend(make("p", { class: "field-error", role: "alert", text: error.message }));
    } finally {
      key.disabled = false;
    }
  };
  function entry(refund) {
    const box = make("div", { class: "refund-entry" });
    const show = (now, trouble) => box.replaceChildren(...outcome(now, show, trouble).flat().filter(Boolean));
    show(refund);
    return box;
  }
  async function load() {
    const sale = await call("GET", `/sales/${saleId}/refundable`);
    const left =
      sale.void ||
      sale.packages.some((one) => !one.why_not) ||
      sale.lines.some((line) => !line.why_not) ||
      sale.tip_minor > 0;
    list.replaceChildren(...sale.refunds.map((refund) => entry({ ...refund, named: sale.named })));
    key.hidden = sale.voided || !left;
  }
  const key = button("Give money back", start, { iconName: "undo", name: "refund" });
  key.hidden = true;
  region.append(list, key);
  load().catch((error) => {
    if (!(error instanceof Problem)) throw error;
    list.replaceChildren(make("p", { class: "field-error", role: "alert", text: error.message }));
  });
  return region;
}
