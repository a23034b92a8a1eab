/** The drawer: open it with its float, close it by a blind count. */
import { toast } from "../announce.js";
import { Problem } from "../http.js";
import { button, make, sum } from "./build.js";
import { askForm, Refused } from "./dialogs.js";
import { call } from "./server.js";
import { may, set, state } from "./state.js";
import { amount, clockTime, readAmount } from "./words.js";

function counted(form, field) {
  const minor = readAmount(form.elements[field].value);
  if (minor === null || minor < 0) throw new Refused("Count the drawer and write the sum, such as 100.00.", field);
  return minor;
}

// Opening twice is refused by the server; after a lost answer that refusal means that the first one arrived.
async function again(error) {
  if (!(error instanceof Problem) || error.status !== 409) throw error;
  const { shift } = await call("GET", "/state");
  if (!shift) throw error;
  return { shift };
}

function openDrawer() {
  return askForm("open-drawer-dialog", () => {}, async (form) => {
    const { shift } = await call("POST", "/shift", { float_minor: counted(form, "float") }).catch(again);
    set({ shift, notice: null });
    toast(`The drawer is open with ${amount(shift.float_minor)}.`);
  });
}

function outcome({ expected_minor: expected, counted_minor: sumCounted, over_short_minor: over }) {
  const words = over === 0 ? "It fits to the cent." : over > 0 ? `${amount(over)} over.` : `${amount(-over)} short.`;
  const row = (label, figure) => make("div", {}, make("dt", { text: label }), make("dd", {}, sum(figure)));
  return [
    make("dl", { class: "sums" }, row("Expected", amount(expected)), row("Counted", amount(sumCounted)), row("Difference", amount(over))),
    make("p", { class: "drawer-word", text: `${words} The difference is recorded; the counted cash goes to the bank.` }),
  ];
}

function closeDrawer() {
  const dialog = document.getElementById("close-drawer-dialog");
  const form = dialog.querySelector("form");
  const result = dialog.querySelector("[data-result]");
  form.hidden = false;
  result.hidden = true;
  return askForm("close-drawer-dialog", () => {
    form.querySelector("[data-since]").textContent = `Open since ${clockTime(state.shift.opened_at)} with a float of ${amount(state.shift.float_minor)}.`;
  }, async () => {
    const done = await call("POST", "/shift/close", { counted_minor: counted(form, "counted") });
    set({ shift: null });
    form.hidden = true;
    result.hidden = false;
    result.replaceChildren(...outcome(done), make("div", { class: "dialog-foot" }, button("Done", () => dialog.close("done"), { kind: "primary" })));
    result.querySelector("button").focus();
    await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
  });
}

/** Open or close the drawer of this desk, whichever is next. */
export function drawer() {
  if (!may("run_drawer")) {
    toast("Your role does not include the drawer. Ask a manager.");
    return null;
  }
  return state.shift ? closeDrawer() : openDrawer();
}
