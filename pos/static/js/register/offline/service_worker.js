/**
 * Answers for the server while it is away: the register's page and its files, as they were last seen. No answer of the API and
 * nothing of a client is kept here. Served as /register/service-worker.js, because it governs the addresses below its own.
 */

const worker = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));
const KEPT = "tenderpoint-register";
const PAGE = "/register/";
/** A page is waited for this long, in milliseconds; then the one that is kept is shown. */
const PATIENCE = 5000;
/** What a proxy says while the server behind it is away. */
const AWAY = new Set([502, 503, 504]);

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("message", (event) => {
  const { keep: files, forget } = event.data ?? {};
  if (files) event.waitUntil(keep(files).then((isKept) => event.source?.postMessage({ kept: isKept })));
  if (forget) event.waitUntil(caches.delete(KEPT));
});
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(page(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
});

/**
 * Keep the page and the files it has loaded; what belongs to another build goes. Returns whether that was possible: not where the
 * server has another build by now than the page that asks, or goes away meanwhile. What was kept before is then still whole.
 * @param {string[]} files their addresses
 */
async function keep(files) {
  const cache = await caches.open(KEPT);
  const wanted = new Set(files.map((file) => new URL(file, worker.location.href).href));
  try {
    const answer = await fetch(PAGE, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return false;
    const scripts = (await answer.clone().text()).matchAll(/<script[^>]*\ssrc="([^"]+)"/g);
    if ([...scripts].some(([, address]) => !wanted.has(new URL(address ?? "", worker.location.href).href)))
      return false;
    const known = new Set((await cache.keys()).map(({ url }) => url));
    await cache.addAll([...wanted].filter((url) => !known.has(url)));
    await cache.put(PAGE, answer);
  } catch {
    return false;
  }
  for (const request of await cache.keys())
    if (new URL(request.url).pathname !== PAGE && !wanted.has(request.url)) await cache.delete(request);
  return true;
}

/** @param {Request} request */
async function page(request) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (!AWAY.has(answer.status)) return answer;
    return (await keptPage()) ?? answer;
  } catch (error) {
    const kept = await keptPage();
    if (kept) return kept;
    throw error;
  }
}

const keptPage = async () => (await caches.open(KEPT)).match(PAGE);

// A file's address changes with its content, so what is kept is what would be fetched.
/** @param {Request} request */
async function file(request) {
  return (await (await caches.open(KEPT)).match(request)) ?? fetch(request);
}
