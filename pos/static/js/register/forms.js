/** The dialogs of a ticket: line, discount, tip, new client, park. */

import { newKey, Problem } from "../http.js";
import { fill, t } from "../messages.js";
import { insist } from "./api_client.js";
import { change, park as parkTicket } from "./cart.js";
import { changeLine, setClient, setTip } from "./cart_draft.js";
import { offerAlike, watchTyping } from "./client_duplicates.js";
import { askForm, Refused, readQuantity, wireRemoval } from "./dialogs.js";
import { need, option } from "./dom.js";
import { amount, credits, day, fieldText, readAmount } from "./format.js";
import { lineName, lotsOf, shownLines } from "./lines.js";
import { may, state } from "./state.js";
import { takeOff } from "./take_off.js";
import { therapistChoices } from "./therapists.js";

/**
 * @param {Discount | null} discount
 * @param {PriceOverride | null} price
 */
function cutOf(discount, price) {
  if (price) return "price";
  if (!discount) return "none";
  return discount.percent ? "percent" : "amount";
}

/**
 * @param {HTMLFormElement} form
 * @param {Discount | null} discount
 * @param {PriceOverride | null} [price] what one costs instead of the list price
 */
function prepareCut(form, discount, price = null) {
  const details = need(form, "[data-cut-details]");
  need(form, "[data-currency]").textContent = state.place.currency;
  form.elements.cut.value = cutOf(discount, price);
  const minor = price?.amount_minor ?? discount?.amount_minor ?? 0;
  form.elements.discount.value = discount || price ? (discount?.percent ?? fieldText(minor)) : "";
  form.elements.reason.value = price?.reason ?? discount?.reason ?? "";
  const shows = () => {
    details.hidden = form.elements.cut.value === "none";
  };
  for (const radio of form.querySelectorAll("[name=cut]")) {
    radio.onchange = () => {
      shows();
      if (!details.hidden) form.elements.discount.focus();
    };
  }
  shows();
}

/**
 * The price agreed on for one, or null where the list price stays.
 * @param {HTMLFormElement} form
 * @returns {PriceOverride | null}
 */
function readPrice(form) {
  const { cut, discount, reason } = form.elements;
  if (cut.value !== "price") return null;
  const minor = readAmount(discount.value);
  if (minor === null || minor < 0) throw new Refused(t("Write the price of one, such as 80.00."), "discount");
  const why = reason.value.trim();
  if (!why) throw new Refused(t("Write why, for the receipt and the manager."), "reason");
  return { amount_minor: minor, reason: why };
}

/** @param {HTMLFormElement} form */
function readCut(form) {
  const { cut, discount, reason } = form.elements;
  if (cut.value === "none" || cut.value === "price") return null;
  const why = reason.value.trim();
  const typed = discount.value.trim().replace(",", ".");
  if (cut.value === "percent" && !(/^\d+(\.\d{1,3})?$/.test(typed) && Number(typed) > 0 && Number(typed) <= 100)) {
    throw new Refused(t("Write a percentage between 0 and 100."), "discount");
  }
  const minor = cut.value === "amount" ? readAmount(discount.value) : null;
  if (cut.value === "amount" && !((minor ?? 0) > 0)) throw new Refused(t("Write an amount, such as 5.00."), "discount");
  if (!why) throw new Refused(t("Write why, for the receipt and the manager."), "reason");
  return { percent: cut.value === "percent" ? String(Number(typed)) : null, amount_minor: minor, reason: why };
}

/**
 * @param {HTMLFormElement} form
 * @param {ShownLine} line
 */
function prepareTax(form, line) {
  const details = need(form, "[data-tax-details]");
  const { exempt_reason: reason, reference, exempt_count: count } = form.elements;
  const { exemption } = line;
  const mayBe = may("exempt_tax") && ["variant", "add_on", "package"].includes(line.item?.kind ?? "");
  need(form, "[data-tax]").hidden = !mayBe;
  form.elements.tax.value = exemption ? "free" : "taxed";
  reason.value = exemption?.reason ?? "prescription";
  reference.value = exemption?.reference ?? "";
  count.value = String(exemption?.count ?? line.item?.credits ?? "");
  need(form, '[data-field="exempt_count"]').hidden = line.item?.kind !== "package";
  const shows = () => {
    details.hidden = !mayBe || form.elements.tax.value === "taxed";
  };
  for (const radio of form.querySelectorAll("[name=tax]")) {
    radio.onchange = () => {
      shows();
      if (!details.hidden) reference.focus();
    };
  }
  shows();
}

/**
 * @param {HTMLFormElement} form
 * @param {ShownLine} line
 */
function readTax(form, line) {
  if (form.elements.tax.value === "taxed") return null;
  const reference = form.elements.reference.value.trim();
  if (!reference) throw new Refused(t("Write the number of the paper that says so."), "reference");
  const most = line.item?.credits ?? 0;
  const count = line.item?.kind === "package" ? Number(form.elements.exempt_count.value) : null;
  if (count !== null && !(Number.isInteger(count) && count >= 1 && count <= most)) {
    throw new Refused(t("Write a number between 1 and {most}.", { most }), "exempt_count");
  }
  return { reason: form.elements.exempt_reason.value, reference, count };
}

/**
 * What a credit of a lot means for a visit: "whole", "less" of its duration, "more"; null where it is for another service.
 * @param {Lot} lot
 * @param {Item | undefined} item
 */
function fit(lot, item) {
  if (lot.eligible.includes(item?.item_id ?? "")) return "whole";
  const service = state.menu.services.find((one) => one.variants.some((variant) => variant.item_id === item?.item_id));
  const near = service?.variants.filter((variant) => lot.eligible.includes(variant.item_id)) ?? [];
  if (near.length === 0) return null;
  return near.some((variant) => (variant.minutes ?? 0) < (item?.minutes ?? 0)) ? "more" : "less";
}

const FITS = {
  whole: [t("{name}, {credits} left"), t("{name}, {credits} left, valid to {day}")],
  more: [
    t("{name}, with the difference, {credits} left"),
    t("{name}, with the difference, {credits} left, valid to {day}"),
  ],
  less: [t("{name}, the whole credit, {credits} left"), t("{name}, the whole credit, {credits} left, valid to {day}")],
};

/**
 * @param {Lot} lot
 * @param {Item | undefined} item
 */
function lotChoice(lot, item) {
  const [endless, ending] = FITS[fit(lot, item) ?? "whole"];
  const facts = { name: lot.name, credits: credits(lot.remaining) };
  return lot.expires_on ? fill(ending, { ...facts, day: day(lot.expires_on) }) : fill(endless, facts);
}

/** @param {ShownLine} line */
function creditChoices(line) {
  const lots = lotsOf(state, line.person_id).filter((lot) => lot.remaining > 0 && fit(lot, line.item) !== null);
  const choices = [
    option("auto", t("The credit that ends soonest"), line.credit === "auto"),
    ...lots.map((lot) => option(lot.lot_id, lotChoice(lot, line.item), line.credit === lot.lot_id)),
    option("none", t("No credit: charge the price"), line.credit === "none"),
  ];
  return lots.length || line.priced?.cover || line.credit !== "auto" ? choices : null;
}

/**
 * Change or remove one line.
 * @param {string} lineId
 */
export function lineForm(lineId) {
  const line = shownLines(state).find((one) => one.line_id === lineId);
  if (!line) return Promise.resolve("gone");
  const treats = line.item?.kind === "variant" || line.item?.kind === "add_on";
  const price = line.item?.price_minor ?? 0;
  const least = line.visit_conversion ? null : (line.item?.deposit_minor ?? null);
  return askForm(
    "line-dialog",
    (form, dialog) => {
      need(dialog, "h2").textContent = lineName(line);
      const { quantity, therapist_id: therapist, credit } = form.elements;
      quantity.value = String(line.quantity);
      for (const step of form.querySelectorAll("[data-step]")) {
        step.onclick = () => {
          const next = (Number(quantity.value) || 1) + Number(step.dataset.step);
          quantity.value = String(Math.min(99, Math.max(1, next)));
        };
      }
      therapist.replaceChildren(...therapistChoices(line.therapist_id));
      need(form, '[data-field="therapist_id"]').hidden = !treats || state.therapists.length === 0;
      const choices = creditChoices(line);
      credit.replaceChildren(...(choices ?? [option("auto", "", true)]));
      need(form, '[data-field="credit"]').hidden = !choices;
      need(form, '[data-field="part"]').hidden = least === null;
      form.elements.part.value = line.part ? fieldText(line.part.amount_minor) : "";
      if (least !== null)
        need(form, "[data-part-hint]").textContent = t(
          "Empty: all of {price}. Or a part of it, {least} or more; only what is paid can be used.",
          {
            price: amount(price),
            least: amount(least),
          },
        );
      prepareCut(form, line.discount, line.price);
      need(form, "[data-new-price]").hidden = line.item?.kind === "package" || Boolean(line.gift || line.part);
      need(form, "[data-cut]").hidden = !may("discount");
      if (!may("discount")) need(form, "[data-cut-details]").hidden = true;
      prepareTax(form, line);
      wireRemoval(form, dialog, () => takeOff(lineId));
    },
    (form) => {
      const count = readQuantity(form);
      const discount = may("discount") ? readCut(form) : line.discount;
      const paid = form.elements.part.value.trim();
      const minor = paid ? readAmount(paid) : null;
      if (paid && !((minor ?? 0) > 0))
        throw new Refused(t("Write how much is paid now, such as 300.00, or nothing."), "part");
      const part = minor && minor < price ? { amount_minor: minor, lot_id: null } : null;
      if (part && least !== null && part.amount_minor < least)
        throw new Refused(t("{amount} or more is paid at once.", { amount: amount(least) }), "part");
      if (part && (count > 1 || discount))
        throw new Refused(t("A package paid in parts is sold one by one, at its price."), "part");
      /** @type {Partial<DraftLine>} */
      const changes = {
        quantity: count,
        therapist_id: form.elements.therapist_id.value || null,
        credit: form.elements.credit.value,
        discount,
      };
      const agreed = may("discount") ? readPrice(form) : (line.price ?? null);
      if (agreed || line.price) changes.price = agreed;
      const exemption = may("exempt_tax") ? readTax(form, line) : (line.exemption ?? null);
      if (exemption || line.exemption) changes.exemption = exemption;
      if (part && exemption) throw new Refused(t("A package free of tax is not paid in parts."), "part");
      change((draft) =>
        changeLine(draft, lineId, part || line.part ? { ...changes, part: part ?? undefined } : changes),
      );
    },
  );
}

/** A discount on the whole ticket. */
export function discountForm() {
  return askForm(
    "discount-dialog",
    (form) => {
      prepareCut(form, state.draft.discount);
      if (!state.draft.discount) {
        form.elements.cut.value = "percent";
        need(form, "[data-cut-details]").hidden = false;
      }
    },
    (form) => {
      const discount = readCut(form);
      change((draft) => ({ ...draft, discount }));
    },
  );
}

/** A tip of any amount. */
export function tipForm() {
  return askForm(
    "tip-dialog",
    (form) => {
      const own = state.draft.tip?.amount_minor;
      form.elements.tip.value = own ? fieldText(own) : "";
    },
    (form) => {
      const typed = form.elements.tip.value.trim();
      const minor = typed ? readAmount(typed) : 0;
      if (minor === null || minor < 0) throw new Refused(t("Write an amount, such as 10.00."), "tip");
      change((draft) => (minor ? setTip(draft, { amount_minor: minor }) : { ...draft, tip: null }));
    },
  );
}

/** Put the ticket aside. */
export function parkForm() {
  return askForm(
    "park-dialog",
    () => {},
    (form) => parkTicket(form.elements.note.value.trim()),
  );
}

/** @param {string} typed */
function guess(typed) {
  if (typed.includes("@")) return { email: typed };
  if (/^[\d\s+()./-]{3,}$/.test(typed)) return { phone: typed };
  const [given, ...family] = typed.split(/\s+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return { given_name: given ?? "", family_name: family.join(" ") };
}

/**
 * Put a client on the ticket; what the search knows of them is shown until the server has told more.
 * @param {Client} client
 */
export function choose(client) {
  change((draft) => setClient(draft, client.client_id), { client });
}

/**
 * Add a client.
 * @param {string} [typed] what was searched for
 * @param {(client: Client) => void} [take] what becomes of them: they are put on the ticket
 */
export function clientForm(typed = "", take = choose) {
  const clientId = newKey();
  let isAnother = false;
  let giveUp = () => {};
  /** @param {HTMLFormElement} form */
  const using = (form) => (/** @type {AlikeClient} */ one) => {
    take({ ...one, credits_left: 0, next_left: 0, next_expiry: null, account_credit_minor: 0 });
    form.closest("dialog")?.close("done");
  };
  return askForm(
    "client-dialog",
    (form) => {
      need(form, "[data-alike]").hidden = true;
      for (const [name, value] of Object.entries(guess(typed.trim()))) {
        const input = /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
        input.value = value;
      }
      giveUp = watchTyping(form, using(form));
    },
    async (form) => {
      const { given_name: given, family_name: family, phone, email } = form.elements;
      if (!given.value.trim()) throw new Refused(t("Please write a name."), "given_name");
      const body = {
        client_id: clientId,
        given_name: given.value,
        family_name: family.value,
        phone: phone.value,
        email: email.value,
        is_another: isAnother,
      };
      isAnother = false; // said of what was typed then
      giveUp();
      need(form, "[data-alike]").hidden = true;
      try {
        take(await insist("POST", "/clients", body));
      } catch (error) {
        if (error instanceof Problem && error.code === "possible_duplicate")
          offerAlike(form, error.problem.clients ?? [], using(form), () => {
            isAnother = true;
            form.requestSubmit();
          });
        throw error;
      }
    },
  );
}
