/** Every word with the server goes through here: a sign-in that ended, an old form token and a lost line are dealt with once. */
import { get, Problem, post, put } from "../http.js";
import { set, state } from "./state.js";

const BASE = "/register/api";
/** @type {Record<Verb, (url: string, body?: unknown, options?: AskOptions) => Promise<any>>} */
const verbs = { GET: (url, _body, options) => get(url, options), POST: post, PUT: put };
/** @type {((method: Verb, path: string, body: unknown) => Promise<any>) | null} */
let here = null;
let heard = () => {};

/**
 * Let this browser answer in place of the server, or the server again (null).
 * @param {typeof here} answer
 */
export function answerHere(answer) {
  here = answer;
  for (const end of [...pauses]) end();
}

/**
 * Be told of every answer of the server.
 * @param {() => void} listen
 */
export function onHeard(listen) {
  heard = listen;
}

/** @type {() => Promise<unknown>} */
let askForPin = () => Promise.reject(new Error("nobody asks for a PIN yet"));

/**
 * Say who asks for a PIN when a sign-in has ended: a function that resolves once somebody is signed in.
 * @param {() => Promise<unknown>} ask
 */
export function onSignInNeeded(ask) {
  askForPin = ask;
}

/**
 * What ends the pauses before a next try; from a change of who answers on, nothing is waited for.
 * @type {Set<() => void>}
 */
const pauses = new Set();

/** @param {number} millis */
function wait(millis) {
  return /** @type {Promise<void>} */ (
    new Promise((done) => {
      const end = () => {
        clearTimeout(timer);
        pauses.delete(end);
        done();
      };
      const timer = setTimeout(end, millis);
      pauses.add(end);
    })
  );
}

/**
 * Take a form token that is good now. Throws Problem.
 * @param {AskOptions} [options]
 */
export async function freshToken(options) {
  const { token } = await get(`${BASE}/token`, options);
  const meta = /** @type {HTMLMetaElement} */ (document.querySelector('meta[name="csrf-token"]'));
  meta.content = token;
}

const GONE = new Set([502, 503, 504]);

/**
 * Whether the server is away: nobody answers, or only the proxy before it, which knows no reason by name.
 * @param {Problem} error
 */
const isAway = (error) => error.status === 0 || (GONE.has(error.status) && error.code === "error");

/** @param {boolean} isLost */
function noteLine(isLost) {
  if (state.offline !== isLost) set({ offline: isLost });
}

/**
 * Ask once; asks again by itself after a sign-in or with a fresh token. Throws Problem.
 * @param {Verb} method
 * @param {string} path below the API
 * @param {unknown} [body]
 * @param {AskOptions} [options]
 * @returns {Promise<any>} the answer; its caller knows the type
 */
export async function call(method, path, body, options) {
  for (let mends = 0; ; mends += 1) {
    if (here) return here(method, path, body);
    try {
      const answer = await verbs[method](`${BASE}${path}`, body, options);
      noteLine(false);
      heard();
      return answer;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      noteLine(isAway(error));
      if (mends < 3 && error.code === "csrf") await freshToken();
      else if (mends < 3 && error.status === 401 && !options?.byItself) await askForPin();
      else throw error;
    }
  }
}

/**
 * Ask until there is an answer, as long as it takes: for actions whose key makes a repetition harmless.
 * A lost line is waited out under the banner; a failure of the server (500) is asked again three times. Throws Problem.
 * @param {Verb} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {{onDoubt?: (error: Problem) => void, pause?: (millis: number) => Promise<unknown>, waits?: number[]}} [options]
 * @returns {Promise<any>}
 */
export async function insist(
  method,
  path,
  body,
  { onDoubt = () => {}, pause = wait, waits = [400, 800, 1500, 3000, 5000] } = {},
) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call(method, path, body, { timeout: 20000 });
    } catch (error) {
      if (!(error instanceof Problem) || !error.outcomeUnknown || error.code === "not_configured") throw error;
      if (error.status >= 500 && !GONE.has(error.status) && tries >= 3) throw error;
      onDoubt(error);
      await pause(waits[Math.min(tries, waits.length - 1)]);
    }
  }
}
