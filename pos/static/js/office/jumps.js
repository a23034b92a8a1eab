/** A long page begins with links to its parts. */

import { t } from "../messages.js";

/** A page of fewer parts, or of less than so many windows, needs none. */
const LEAST_PARTS = 3;
const WINDOWS = 2.5;

export function addJumps() {
  const main = document.querySelector(".office-main");
  const head = [...(main?.querySelectorAll(":scope > :is(.page-head, .tabs, .subtabs)") ?? [])].at(-1);
  if (!main || !head || main.scrollHeight < WINDOWS * innerHeight) return;
  /** @type {HTMLElement[]} */
  const parts = [...main.querySelectorAll("h2, form legend")].filter((part) => part.getClientRects().length > 0);
  if (parts.length < LEAST_PARTS) return;
  const links = parts.map((part, number) => {
    part.id ||= `part-${number}`;
    part.tabIndex = -1;
    const link = document.createElement("a");
    link.href = `#${part.id}`;
    link.textContent = part.textContent?.trim() ?? "";
    return link;
  });
  const nav = document.createElement("nav");
  nav.className = "jumps";
  nav.setAttribute("aria-label", t("On this page"));
  nav.append(...links);
  head.after(nav);
}
