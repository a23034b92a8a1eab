// The time without the server: sales that wait, and what of a service worker's world the script uses. For the type checker.

/**
 * A sale that waits to be sent to `path` by the desk whose drawer has its cash. `answer` is what the desk was told; `instead` is sent
 * where the server refuses the first, which was asked of it before it went away: the cash is in the drawer whatever it says.
 * `used`: credits by package.
 */
interface WaitingSale {
  sale_id: string;
  desk_id: string;
  path: string;
  body: { due_minor?: number; [name: string]: unknown };
  instead: OfflineBody | null;
  used: Record<string, number>;
  answer: { sale_id: string; total_minor: number; tip_minor: number; change_minor: number; [name: string]: unknown };
}

interface OfflineBody {
  sale_id: string;
  ticket_id: string | null;
  client_id: string | null;
  lines: DraftLine[];
  due_minor: number;
  cash_minor: number;
  [name: string]: unknown;
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
