/** The server refused or could not be reached; `problem` is its RFC 9457 answer, or one made up here in the same shape. */
import { t } from "./messages.js";
export class Problem extends Error {
  /** @param {ProblemDetails} problem status 0 means that no answer came */
  constructor(problem) {
    super(problem.detail ?? problem.title ?? t("Something went wrong."));
    this.name = "Problem";
    this.problem = problem;
    this.status = problem.status ?? 0;
    this.code = problem.code ?? "error";
    this.field = problem.field ?? null;
  }

  /** No answer came, or the server failed half-way: what was asked may or may not have happened. Ask again with the same key. */
  get outcomeUnknown() {
    return this.status === 0 || this.status === 408 || this.status >= 500;
  }
}

/**
 * A UUIDv7: 48 bits of milliseconds, then randomness. Make one when the person begins an action and keep it for every retry.
 * millis and random (10 bytes) are there for tests.
 */
export function newKey(millis = Date.now(), random = crypto.getRandomValues(new Uint8Array(10))) {
  const bytes = new Uint8Array(16);
  for (let i = 0, rest = millis; i < 6; i += 1) {
    bytes[5 - i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes.set(random, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function csrfToken() {
  return /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="csrf-token"]'))?.content ?? "";
}

/**
 * Ask the server for JSON. body is sent as JSON; key as Idempotency-Key; signal aborts; timeout is in milliseconds.
 * byItself: no person has asked, so it keeps no sign-in alive.
 * Returns the parsed answer (null for 204). Throws Problem for every refusal and for silence.
 * @param {string} method
 * @param {string} url
 * @param {AskOptions} [options]
 */
export async function ask(method, url, { body, key, signal, timeout = 30000, byItself = false } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json, application/problem+json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (key) headers["Idempotency-Key"] = key;
  if (byItself) headers["X-By-Itself"] = "1";
  const limit = new AbortController();
  const stop = () => limit.abort();
  const timer = setTimeout(stop, timeout);
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  try {
    const response = await fetch(url, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      signal: limit.signal,
    });
    return await read(response);
  } catch (error) {
    if (error instanceof Problem || signal?.aborted) throw error;
    throw new Problem({
      status: 0,
      code: "no_answer",
      detail: t("The server did not answer. Nothing was lost. Check the network and try again."),
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** @param {Response} response */
async function read(response) {
  if (response.status === 204) return null;
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  const answer = isJson ? await response.json() : null;
  if (!response.ok) throw new Problem({ code: "error", ...answer, status: response.status });
  if (!isJson)
    throw new Problem({
      status: 0,
      code: "not_json",
      detail: t("The server gave an answer this page cannot read. Nothing was lost. Reload the page."),
    });
  return answer;
}

/**
 * GET; see ask.
 * @param {string} url
 * @param {AskOptions} [options]
 */
export const get = (url, options) => ask("GET", url, options);

/**
 * POST; see ask.
 * @param {string} url
 * @param {unknown} [body]
 * @param {AskOptions} [options]
 */
export const post = (url, body, options) => ask("POST", url, { ...options, body });

/**
 * PUT; see ask.
 * @param {string} url
 * @param {unknown} [body]
 * @param {AskOptions} [options]
 */
export const put = (url, body, options) => ask("PUT", url, { ...options, body });

/**
 * DELETE; see ask.
 * @param {string} url
 * @param {AskOptions} [options]
 */
export const remove = (url, options) => ask("DELETE", url, options);

/**
 * Call `action(key)` until its outcome is known: silence and 5xx are asked again with the same key, refusals are thrown at once.
 * waits: milliseconds before each further attempt. Throws the last Problem when all attempts stayed silent.
 * @template Answer
 * @param {(key: string) => Promise<Answer>} action
 * @param {{key?: string, waits?: number[], pause?: (millis: number) => Promise<unknown>}} [options]
 * @returns {Promise<Answer>}
 */
export async function untilKnown(action, { key = newKey(), waits = [500, 1500, 4000], pause = wait } = {}) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await action(key);
    } catch (error) {
      if (!(error instanceof Problem) || !error.outcomeUnknown || attempt >= waits.length) throw error;
      await pause(waits[attempt]);
    }
  }
}

/** @param {number} millis */
function wait(millis) {
  return new Promise((done) => setTimeout(done, millis));
}
