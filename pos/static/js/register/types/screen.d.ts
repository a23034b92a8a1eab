// What the register keeps on the screen and hands from part to part. Read by the type checker only.

type Child = Node | string | number | null | undefined | boolean;
type Children = Child | Children[];

/** Attributes for `make`; a function under `onclick`, `onsubmit`… listens, `text` is the content. */
interface Attributes {
  [name: string]: unknown;
}

interface ButtonOptions {
  kind?: string;
  iconName?: string | null;
  /** The key that does the same, as it is printed on the keyboard. */
  key?: string | null;
  /** Keeps the focus across a redraw. */
  name?: string | null;
}

/** The sale this tab is about to make. */
interface PendingSale {
  sale_id: string;
  how: "card" | "cash";
}

/** What is asked for and what the server says of it. */
interface Desk {
  draft: Draft;
  ticket: Ticket | null;
  client: Client | null;
}

/** A line of the draft as it is shown. */
interface ShownLine extends DraftLine {
  item: Item | undefined;
  priced: TicketLine | null;
}

/** Everything the screen of the register is drawn from; state.js says what each is. */
interface State extends Desk {
  phase: "loading" | "ready" | "failed";
  problem: string | null;
  desk: { desk_id: string; name: string } | null;
  /** There once the desk is ready; nothing is drawn before. */
  place: Place;
  person: Person | null;
  permissions: string[];
  shift: { opened_at: string; float_minor: number } | null;
  menu: Menu;
  therapists: Therapist[];
  /** The item that gift cards are sold as. */
  gift_card_item: string;
  /** The item that goods outside the catalogue are sold as, and how they can be taxed; no category: not at all. */
  open_item: { item_id: string; categories: { key: string; name: string }[] };
  /** The kinds of tender by their key. */
  tenders: Record<string, { label: string; refund_label: string; has_reference: boolean }>;
  card: { on: boolean; reader: boolean; tips: boolean; mode: string };
  /** The network printer of the desk, where it has one. */
  printer: { name: string; prints_always: boolean; opens_drawer: boolean } | null;
  /** What the scanner of the desk sends before and after each code; empty where it sends the code alone. */
  scanner: { prefix: string; suffix: string };
  parked: Parked[];
  /** The client on the ticket, with their habits and what the desk should know. */
  about: Client | null;
  saving: boolean;
  notice: { kind: "warn" | "bad"; words: string } | null;
  mode: "pick" | "cash" | "split" | "back" | "whose";
  typed: number | null;
  noReaderTip: boolean;
  payment: Payment | null;
  ringing: boolean;
  paid: Paid | null;
  offline: boolean;
  local: boolean;
  localUntil: number;
  queued: number;
  /** Why the server does not even keep sales that were taken without it; they stay in this browser. */
  refused: string[];
  offline_limits: { minutes: number; sales: number; most_minor: number };
  stopped: boolean;
}

/** What the server tells of a desk when it is opened. */
type DeskAnswer = Pick<
  State,
  | "desk"
  | "place"
  | "person"
  | "permissions"
  | "shift"
  | "menu"
  | "therapists"
  | "gift_card_item"
  | "open_item"
  | "tenders"
  | "card"
  | "printer"
  | "scanner"
  | "parked"
  | "offline_limits"
  | "stopped"
>;

/** What the sums of the ticket are drawn from. */
interface SumsModel {
  totals: Totals;
  tip: Tip | null;
  discounts: NonNullable<Ticket["discounts"]>;
  lines: number;
  choices: Ticket["tip_choices"];
  place: Place;
  still: boolean;
  stored: StoredOnTicket[];
  promo: Ticket["promo"];
  charges: ChargeOnTicket[];
  /** Whose the tip is: who can be chosen, and who gets it as it stands. */
  tipTo: {
    holders: { staff_id: string | null; name: string }[];
    shares: { name: string; amount_minor: number }[];
    /** Nobody yet: undefined; the pool: null. */
    chosen: string | null | undefined;
  } | null;
  /** Whether the reader asks for a tip; null where it cannot. */
  readerTip: boolean | null;
}

type Verb = "GET" | "POST" | "PUT";

/** The fields of the register's dialogs by their names (templates/register/dialogs). */
interface HTMLFormControlsCollection {
  readonly amount: HTMLInputElement;
  readonly amount_minor: HTMLInputElement;
  readonly as_credit: HTMLInputElement;
  readonly client_id: HTMLInputElement;
  readonly client_name: HTMLInputElement;
  readonly item_id: HTMLInputElement;
  readonly starts_at: HTMLInputElement;
  readonly state: HTMLInputElement;
  readonly visit_on: HTMLInputElement;
  readonly code: HTMLInputElement;
  readonly counted: HTMLInputElement;
  readonly credit: HTMLInputElement;
  readonly cut: HTMLInputElement;
  readonly discount: HTMLInputElement;
  readonly email: HTMLInputElement;
  readonly exempt_count: HTMLInputElement;
  readonly exempt_reason: HTMLInputElement;
  readonly family_name: HTMLInputElement;
  readonly float: HTMLInputElement;
  readonly given_name: HTMLInputElement;
  readonly here: HTMLInputElement;
  readonly left: HTMLInputElement;
  readonly message: HTMLInputElement;
  readonly note: HTMLInputElement;
  readonly on: HTMLInputElement;
  readonly tax_category: HTMLSelectElement;
  readonly item_name: HTMLInputElement;
  readonly part: HTMLInputElement;
  readonly phone: HTMLInputElement;
  readonly pin: HTMLInputElement;
  readonly quantity: HTMLInputElement;
  readonly reason: HTMLInputElement;
  readonly recipient_id: HTMLInputElement;
  readonly reference: HTMLInputElement;
  readonly send_on: HTMLInputElement;
  readonly tax: HTMLInputElement;
  readonly therapist_id: HTMLInputElement;
  readonly tip: HTMLInputElement;
  readonly to: HTMLInputElement;
  readonly to_email: HTMLInputElement;
  readonly to_name: HTMLInputElement;
  readonly what: HTMLInputElement;
  readonly words: HTMLInputElement;
}

/** A line as a row of the ticket. */
interface LineRow {
  line_id: string;
  name: string;
  facts: string;
  figure: string;
  fresh: boolean;
  /** Who it can be for; null where that is not asked. */
  persons: PersonChips | null;
  /** Who treats, and who could: no chips where somebody is named; null where nobody can be. */
  treats: { named: string | null; chips: { staff_id: string; name: string }[]; chosen: string | null } | null;
}

/** Those on a ticket; the client has no key here. */
interface PersonChips {
  choices: Array<{ person_id: string | null; name: string }>;
  chosen: string | null;
}

interface LineList {
  lines: LineRow[];
  /** Whether the ticket has no client. */
  isWalkIn: boolean;
  still: boolean;
  mayDiscount: boolean;
  creditWords: string | null;
  accountWords: string | null;
  lateOn: string | null;
  wasLate: boolean;
  /** The usual therapist, where treatments name nobody. */
  /** The line that another person can be named for by a key, or null. */
  forAnother: string | null;
}

/** What the keys under the lines open. */
interface LineActions {
  line: (lineId: string) => unknown;
  credits: () => void;
  giftCode: () => unknown;
  discount: () => unknown;
  clear: () => unknown;
}

/** What the desk opens: given to the parts by desk.js. */
interface DeskActions extends LineActions {
  search: () => void;
  sales: () => unknown;
  newClient: () => unknown;
  client: () => unknown;
  tip: () => unknown;
  drawer: () => unknown;
  mail: (sale: Paid) => unknown;
  keys: () => unknown;
  parked: () => unknown;
  park: () => unknown;
}

/** The pay key. */
interface PayKey {
  words: (string | Node)[];
  run?: () => unknown;
  off?: boolean;
}

/** An amount that is possible and unlikely: the question, and the key that takes it all the same. */
interface Unlikely {
  ask: string;
  words: string;
  yes: () => unknown;
}

/** What the panels for cash and for a split are drawn from. */
interface AmountPanel {
  owed: number;
  suggested: number[];
  notice: State["notice"];
  typed: number | null;
  /** What was received of the ticket before. */
  parts: PaidPart[];
  /** A card can be asked for. */
  card: boolean;
}

/** What the foot of the ticket shows of a payment. */
interface PaymentModel {
  /** The state of the payment. */
  kind: string;
  way: string;
  code: Payment["code"] | null;
  reader: string | null;
  cash: number;
  sentence: string | null;
  reason: string | null;
  stopping: boolean;
  says: string | null;
  minor: number;
  ways: Payment["ways"] | null;
  asksTip: boolean;
  /** The client's first name. */
  name: string | null;
  mayCode: boolean;
  parts: PaidPart[];
}

/** A key that went down. */
interface Stroke {
  key: string;
  /** Milliseconds. */
  at: number;
  /** The letter of a command: pressed together with the modifier of commands. */
  letter?: string | null;
  /** Together with another modifier. */
  modified?: boolean;
  /** An input method is at work. */
  composing?: boolean;
  /** It is held down. */
  repeat?: boolean;
}

/** Where it went down: `code` is a field that takes what is scanned, `control` a button or link, `page` none of these. */
interface KeyPlace {
  kind: "search" | "field" | "code" | "control" | "page";
  /** A dialog is open. */
  dialog?: boolean;
  /** The search is empty. */
  empty?: boolean;
}

type Meaning = { begins?: boolean } & (
  | { does: "nothing" | "swallow" | "type" | "enter" | "remove" | "leave" | "keys" | "find" }
  | { does: "command"; letter: string }
  | { does: "scan"; text: string }
);

/** The search element, as the keyboard uses it. */
interface SearchBox {
  input: HTMLInputElement;
  readonly isEmpty: boolean;
  take: (text?: string | null) => void;
}

/** A row of the search's list; `value` is what `kind` is picked with. */
interface Option {
  group: string;
  kind: "client" | "item" | "receipt" | "card" | "new";
  id: string;
  words: string;
  detail?: string | null;
  chip?: Client;
  figure?: number;
  value: unknown;
  best?: boolean;
}

type Picks = Partial<Record<Option["kind"], (value: never) => unknown>>;

type ShowRefund = (refund: Refund, problem?: string | null) => void;

/** What is chosen in the dialog: "void", "lines" or "package:<id>", and what the server is asked. */
interface Wanted {
  what: string;
  body?: object;
}

/** What the refund dialog keeps from one press to the next. */
interface Kept {
  wanted: Wanted | null;
  chosen: RefundQuote | null;
  refundId: string;
  /** What was asked for with this key; another wish gets another key. */
  content: string | null;
}
