import { toast } from "./announce.js";
import { t } from "./messages.js";

const LOOK_EVERY = 200;
const LONGEST = 15 * 60_000;

/** @type {Map<HTMLAnchorElement, () => void>} */
const made = new Map();

/**
 * Mark a link busy until the server has begun to send its file: it sets a cookie with the token that the link adds.
 * @param {HTMLAnchorElement} link
 * @param {string} token
 */
function awaitFile(link, token) {
  const label = link.querySelector("span") ?? link;
  const words = label.textContent;
  const cookie = `tp_file_${token}=`; // gone by itself after a minute
  const end = Date.now() + LONGEST;
  link.setAttribute("aria-busy", "true");
  label.textContent = t("Making the file…");
  const release = () => {
    clearInterval(looking);
    link.removeAttribute("aria-busy");
    label.textContent = words;
    made.delete(link);
  };
  const looking = setInterval(() => {
    const begun = document.cookie.split("; ").some((one) => one.startsWith(cookie));
    if (!begun && Date.now() < end) return;
    release();
    if (begun) toast(t("The download has begun."));
  }, LOOK_EVERY);
  made.set(link, release);
}

/** Links with `data-file` say that their file is being made, and when its download begins. Call once a page. */
export function wireFiles() {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const link = /** @type {HTMLAnchorElement | null} */ (target.closest("a[data-file]"));
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (made.has(link)) return;
    const token = crypto.getRandomValues(new Uint32Array(2)).join("");
    const address = new URL(link.href);
    address.searchParams.set("file", token);
    awaitFile(link, token);
    location.assign(address);
  });
  // The browser's own button leads back to a page as it was left: busy, if the file was an error page.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const release of [...made.values()]) release();
  });
}
