// The time without the server: sales that wait, and what of a service worker's world the script uses. For the type checker.

/** A sale that waits to be sent to `path` by the desk whose drawer has its cash; `drops` is the ticket that it leaves behind on the server. */
interface WaitingSale {
  sale_id: string;
  desk_id: string;
  path: string;
  body: {
    due_minor?: number;
    cash_minor?: number;
    expected_due_minor?: number;
    cash_tendered_minor?: number;
    [name: string]: unknown;
  };
  drops: string | null;
}

interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface WorkerScope {
  location: Location;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(kind: "install" | "activate", run: (event: WorkerEvent) => unknown): void;
  addEventListener(
    kind: "message",
    run: (
      event: WorkerEvent & { data?: WorkerMessage; source?: { postMessage(message: unknown): void } | null },
    ) => unknown,
  ): void;
  addEventListener(
    kind: "fetch",
    run: (event: WorkerEvent & { request: Request; respondWith(answer: Promise<Response>): void }) => unknown,
  ): void;
}

/** What the page tells the script: the files it has loaded, or to forget everything. */
interface WorkerMessage {
  keep?: string[];
  forget?: boolean;
}
