// What the register passes about: elements of the page, the draft, and the answers of pos/web/register/api.

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

/** A reduction: a percentage as a decimal text, or an amount in minor units. */
interface Discount {
  percent: string | null;
  amount_minor: number | null;
  reason: string;
}

/** A discount that a manager is asked to approve; no name for one of the whole ticket. */
interface AskedDiscount {
  name: string | null;
  price_minor: number;
  off_minor: number;
}

interface Tip {
  percent: string | null;
  amount_minor: number | null;
  staff_id: string | null;
}

interface Gift {
  amount_minor: number;
  /** The card that is reloaded, or null for a new one. */
  card_id: string | null;
  to_name: string;
  to_email: string | null;
  message: string;
  send_on: string | null;
}

/** An instalment: of a package on this ticket (no lot), or of one sold before. */
interface Part {
  amount_minor: number;
  lot_id: string | null;
}

interface Visit {
  sale_id: string;
  position: number;
}

interface Exemption {
  reason: string;
  reference: string;
  count: number | null;
}

/** A line as the desk asks for it: no prices. `credit` is "auto", "none" or a lot. */
interface DraftLine {
  line_id: string;
  item_id: string;
  quantity: number;
  therapist_id: string | null;
  credit: string;
  discount: Discount | null;
  gift?: Gift;
  visit_conversion?: Visit;
  exemption?: Exemption;
  part?: Part;
}

/** A gift card or account credit that pays before cash and card; no amount means as far as it goes. */
interface Stored {
  kind: "gift_card" | "account_credit";
  card_id: string | null;
  amount_minor: number | null;
}

interface Draft {
  client_id: string | null;
  lines: DraftLine[];
  discount: Discount | null;
  tip: Tip | null;
  stored: Stored[];
  /** The day of the visit where it was the day before, as an ISO date. */
  service_on: string | null;
  promo: string | null;
}

/** What pays a line instead of money. */
interface Cover {
  kind: "credit" | "included";
  lot_id: string;
  package: string;
  uses: number;
  upgrade_minor: number;
  surcharge: boolean;
}

/** A line as the server has priced it. */
interface TicketLine extends DraftLine {
  name: string;
  price_minor: number;
  amount_minor: number;
  units: number;
  exempt_units: number;
  cover: Cover | null;
}

interface Totals {
  due_minor: number;
  rest_minor: number;
  stored_minor: number;
  discount_minor: number;
  tip_minor: number;
  tip_base_minor: number;
  credits_used: number;
  taxes: { percent: string; net_minor: number; tax_minor: number }[];
}

interface StoredOnTicket extends Stored {
  pays_minor: number;
  last4: string | null;
  /** What was paid for a visit that becomes part of a package. */
  is_visit?: boolean;
  trouble?: string | null;
  balance_minor: number;
}

/** A sale as the server keeps it. */
interface SaleAnswer extends Omit<Paid, "how" | "own" | "left" | "cards" | "tendered"> {
  completed_at: string;
  tenders: { kind: string; amount_minor: number }[];
  lines: SaleLine[];
}

interface SaleLine {
  kind: string;
  name: string;
  quantity: number;
  amount_minor: number;
  cover: "credit" | "included" | null;
}

interface Ticket {
  ticket_id: string;
  version: string | null;
  state: "open" | "paying" | "parked" | "done" | "dropped";
  client: Client | null;
  lines: TicketLine[];
  totals: Totals | null;
  discount: Discount | null;
  tip: Tip | null;
  stored?: StoredOnTicket[];
  promo?: { code: string; label: string; amount_minor: number; trouble: string | null } | null;
  service_on?: string | null;
  payment?: Payment | null;
  note?: string;
  /** Yesterday as an ISO date, where the visit can be booked on it. */
  late_on?: string | null;
  tip_choices: { percent: string; amount_minor: number }[];
  tip_shares?: { staff_id: string | null; amount_minor: number }[];
  cash_suggestions: number[];
  needs_client?: boolean;
}

/** Credits of a package that a client holds. */
interface Lot {
  lot_id: string;
  name: string;
  remaining: number;
  /** Items that a credit pays. */
  eligible: string[];
  /** Add-ons that come free with a visit. */
  included: string[];
  expires_on: string | null;
  unpaid_minor: number;
  next_due_minor: number;
}

interface Client {
  client_id: string;
  name: string;
  phone?: string | null;
  email?: string | null;
  credits_left: number;
  /** How many of them expire next. */
  next_left: number;
  /** The day on which the next credits expire, as an ISO date. */
  next_expiry: string | null;
  account_credit_minor: number;
  lots?: Lot[];
}

/** Something on the menu. */
interface Item {
  item_id: string;
  kind: "variant" | "add_on" | "retail" | "package";
  name: string;
  price_minor: number;
  minutes?: number;
  credits?: number;
  deposit_minor?: number | null;
  key?: string | null;
}

interface Therapist {
  staff_id: string;
  name: string;
  tier?: string | null;
}

/** How an amount is written; from the server, so that browser and receipts agree. */
interface AmountPattern {
  before: string;
  after: string;
  negative_before: string;
  negative_after: string;
  decimal: string;
  group: string;
  /** Digits of the last group, and of those before it; 0 groups nothing. */
  first: number;
  others: number;
}

/** A card reader of the location. */
interface Reader {
  reader_id: string;
  label: string;
  desk: string;
  state: "free" | "busy" | "offline" | "unknown";
  is_own: boolean;
  holder: string | null;
  order_id: string | null;
}

/** A card payment under way, as `/payments/<order>` tells it, and what this page adds. */
interface Payment {
  order_id: string;
  state: string;
  /** "reader" or "checkout", the QR code. */
  kind: string;
  amount_minor: number;
  cash_minor: number;
  stored_minor: number;
  tip_minor: number;
  card?: string | null;
  sentence: string | null;
  reason_code?: string | null;
  reader?: string | null;
  tip_asked?: boolean;
  sale?: Pick<Paid, "sale_id" | "receipt" | "html" | "pdf_80mm" | "pdf_a4"> | null;
  code?: { image: string; page: string; short_url: string; expires_at: string } | null;
  /** This page has asked for something and waits for the answer. */
  busy?: boolean;
  says?: string | null;
  ways?: Reader[] | "looking" | null;
}

/** The sale just completed, as its end is drawn. */
interface Paid {
  sale_id: string;
  receipt: string;
  how: "card" | "cash" | "stored" | "credit";
  client: Client | null;
  left: Client | null;
  cards: { face_minor: number; code: string | null; pdf: string }[];
  total_minor: number;
  tip_minor: number;
  change_minor: number;
  tendered: number;
  own: number;
  html: string;
  pdf_80mm: string;
  pdf_a4: string;
  card?: string | null;
  by_code?: boolean;
  reader_tip?: number;
  spent?: StoredOnTicket[];
  /** Gift cards were sold; their codes are asked for. */
  has_cards?: boolean;
  visit_conversion?: Offer;
}

/** The sale this tab is about to make. */
interface PendingSale {
  sale_id: string;
  how: "card" | "cash";
}

/** What the desk of a location is: its formats and habits. */
interface Place {
  exponent: number;
  currency: string;
  time_zone: string;
  amount_pattern: AmountPattern;
  money_pattern: AmountPattern;
  tax_label: string;
  tax_inclusive: boolean;
  /** Cash this much over what is due is asked about. */
  cash_over_minor: number;
}

interface Menu {
  services: { name: string; variants: Item[] }[];
  add_ons: Item[];
  retail: Item[];
  packages: Item[];
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

interface Person {
  staff_id: string;
  name: string;
}

/** A parked ticket in the list. */
interface Parked {
  ticket_id: string;
  note: string;
  client: string | null;
  lines: number;
  parked_at: string;
}

/** Everything the screen of the register is drawn from; state.js says what each is. */
interface State extends Desk {
  phase: "loading" | "ready" | "failed";
  trouble: string | null;
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
  card: { on: boolean; reader: boolean; tips: boolean; mode: string };
  parked: Parked[];
  saving: boolean;
  notice: { kind: "warn" | "bad"; words: string } | null;
  mode: "pick" | "cash" | "split";
  typed: number | null;
  noReaderTip: boolean;
  payment: Payment | null;
  ringing: boolean;
  paid: Paid | null;
  offline: boolean;
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
  | "card"
  | "parked"
  | "stopped"
>;

/** What the sums of the ticket are drawn from. */
interface SumsModel {
  totals: Totals;
  tip: Tip | null;
  discount: Discount | null;
  choices: Ticket["tip_choices"];
  place: Place;
  still: boolean;
  stored: StoredOnTicket[];
  promo: Ticket["promo"];
  /** Whose the tip is: who can be chosen, and who gets it as it stands. */
  tipTo: {
    holders: { staff_id: string | null; name: string }[];
    shares: { name: string; amount_minor: number }[];
    chosen: string | null;
  } | null;
  /** Whether the reader asks for a tip; null where it cannot. */
  readerTip: boolean | null;
}

type Verb = "GET" | "POST" | "PUT";

/** What the server wants approved; what a manager agrees to is bound to it. */
interface Asked {
  action: string;
  subject_id: string;
  amount_minor: number;
  content_hash: string | null;
  discounts: AskedDiscount[];
}

/** A ticket that cannot be priced as it stands: what was asked for, and why not. The ticket on the screen where none is named. */
interface Stuck {
  ticket_id?: string;
  version: string | null;
  client_id: string | null;
  content: Draft;
  sentence: string;
}

/** The fields of the register's dialogs by their names (templates/register/_dialogs.html). */
interface HTMLFormControlsCollection {
  readonly amount: HTMLInputElement;
  readonly amount_minor: HTMLInputElement;
  readonly as_credit: HTMLInputElement;
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
  readonly left: HTMLInputElement;
  readonly message: HTMLInputElement;
  readonly note: HTMLInputElement;
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
}

/** What a sale can become part of: a visit of a package, a package of a bigger one. */
interface Offer {
  kind: "visit" | "package";
  visit_conversion: Visit;
  packages: (Item & { rest_minor: number })[];
}

/** A gift card found by its code, and what may be done with it here. */
interface GiftCard {
  card_id: string;
  last4: string;
  state: string;
  balance_minor: number;
  expires_on: string | null;
  can_pay: boolean;
  can_reload: boolean;
  can_cash_out: boolean;
}

/** A line as a row of the ticket. */
interface LineRow {
  line_id: string;
  name: string;
  facts: string;
  figure: string;
  fresh: boolean;
}

interface LineList {
  lines: LineRow[];
  still: boolean;
  mayDiscount: boolean;
  creditWords: string | null;
  accountWords: string | null;
  lateOn: string | null;
  wasLate: boolean;
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
}
