/** The theme of this browser: "light", "dark", or "system" (follow the device). */
export function currentTheme() {
  return document.documentElement.dataset.theme ?? "system";
}

/**
 * Choose a theme and remember it on this device.
 * @param {string | undefined} theme "light", "dark" or "system"
 */
export function chooseTheme(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  try {
    if (theme === "system") localStorage.removeItem("theme");
    else if (theme) localStorage.setItem("theme", theme);
  } catch {
    // Storage may be refused; the choice then lasts for this page.
  }
}

/** Say on every `[data-theme-choice="light|dark|system"]` button whether it is the one chosen. */
export function markThemeChoice(root = document) {
  for (const button of root.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === currentTheme()));
  }
}

/** Let those buttons choose, wherever and whenever they appear. Call once a page. */
export function wireThemeChoices() {
  document.addEventListener("click", (event) => {
    /** @type {HTMLElement | null} */
    const button = /** @type {Element} */ (event.target).closest("[data-theme-choice]");
    if (!button) return;
    chooseTheme(button.dataset.themeChoice);
    markThemeChoice();
  });
}
