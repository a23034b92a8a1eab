// Types of the page for `tsc`; read by the checker only. The answers of the API are in register/types/.

/** What `ask` in http.js takes beside method and address. */
interface AskOptions {
  body?: unknown;
  /** Idempotency-Key of the action: the same for every retry. */
  key?: string;
  signal?: AbortSignal;
  /** Milliseconds. */
  timeout?: number;
  /** The page asks without a person: it keeps no sign-in alive, and asks for no PIN. */
  byItself?: boolean;
}

/** The server's refusal (RFC 9457), with what its code brings along. */
interface ProblemDetails {
  status?: number;
  code?: string;
  title?: string;
  detail?: string;
  field?: string | null;
  /** What stood in the way, where a page acts on it: "shift_closed". */
  why?: string;
  /** The price of one visit, where a credit is gone. */
  single_minor?: number;
  /** What a manager has to approve: the code is "needs_approval". */
  action?: string;
  subject_id?: string;
  amount_minor?: number;
  /** Who may be the client that is being added: the code is "possible_duplicate". */
  clients?: AlikeClient[];
  content_hash?: string | null;
  discounts?: AskedDiscount[];
}

/** SortableJS, as far as we use it; a script of its own, loaded before ours. */
declare class Sortable {
  constructor(
    list: HTMLElement,
    options: {
      handle: string;
      draggable: string;
      animation: number;
      onEnd(end: { item: HTMLElement; oldDraggableIndex?: number; newDraggableIndex?: number }): void;
    },
  );
  option(name: "disabled", value: boolean): void;
}

interface ParentNode {
  /** The scripts look up HTML elements only; icons are made and never looked up. */
  querySelector<Tag extends keyof HTMLElementTagNameMap>(tag: Tag): HTMLElementTagNameMap[Tag] | null;
  querySelector<Found extends HTMLElement = HTMLElement>(selector: string): Found | null;
  querySelectorAll<Tag extends keyof HTMLElementTagNameMap>(tag: Tag): NodeListOf<HTMLElementTagNameMap[Tag]>;
  querySelectorAll<Found extends HTMLElement = HTMLElement>(selector: string): NodeListOf<Found>;
}

interface HTMLFormElement {
  /** The unlikely amount that the person has confirmed, in minor units. */
  confirmedMinor?: number | null;
}
