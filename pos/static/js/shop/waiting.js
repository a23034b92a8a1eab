// Looks again until the answer is another page than the waiting one; a little more slowly each time.
const LONGEST = 15000;

/** @param {number} pause milliseconds */
async function lookAgain(pause) {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok && !(await answer.text()).includes("data-waiting")) {
      location.reload();
      return;
    }
  } catch {
    // The line is down: the next look will tell.
  }
  plan(Math.min(pause * 1.3, LONGEST));
}

/** @param {number} pause milliseconds */
function plan(pause) {
  setTimeout(() => lookAgain(pause), pause);
}

plan(3000);
