// Keeps the reader's screen current. Nothing is replaced while it has not changed, so focus stays where it is.
const screen = document.querySelector("[data-screen]");
let shown = null;

async function refresh() {
  try {
    const answer = await fetch(screen.dataset.screen, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const { screen: html } = await answer.json();
      if (shown !== null && html !== shown) screen.innerHTML = html;
      shown = html;
    }
  } catch {
    // The simulator is gone for the moment; the next turn asks again.
  }
}

refresh();
setInterval(refresh, 1000);
