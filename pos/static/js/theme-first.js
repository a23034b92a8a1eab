// Runs before the first paint, so that a chosen theme does not flash. A classic script on purpose: modules wait.
(() => {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage may be refused; the system's own preference then decides.
  }
})();
