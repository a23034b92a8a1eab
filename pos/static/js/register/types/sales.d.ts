// Sales, payments, refunds and the drawer, as pos/web/register/api answers. Read by the type checker only.

/** A sale as the server keeps it. */
interface SaleAnswer extends Omit<Paid, "how" | "own" | "left" | "cards" | "tendered"> {
  completed_at: string;
  tenders: PaidPart[];
  lines: SaleLine[];
}

interface SaleLine {
  kind: string;
  name: string;
  quantity: number;
  amount_minor: number;
  cover: "credit" | "included" | null;
  /** Who it was for, where that is not the client. */
  person?: string | null;
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
  /** All of it, and what of it is still to be paid: in cash it may be rounded. */
  due_minor?: number;
  rest_minor?: number;
  rest_cash_minor?: number;
  cash_suggestions?: number[];
  parts?: PaidPart[];
  change_minor?: number;
  rounding_minor?: number;
  may_tip_on_reader?: boolean;
  sale?: Pick<Paid, "sale_id" | "receipt" | "html" | "pdf"> | null;
  code?: { image: string; page: string; short_url: string; expires_at: string } | null;
  /** This page has asked for something and waits for the answer. */
  busy?: boolean;
  says?: string | null;
  ways?: Reader[] | "looking" | null;
}

/** What paid a part of a ticket; `card` is its brand and last digits. */
interface PaidPart {
  kind: string;
  amount_minor: number;
  card?: string | null;
}

/** The next part of a ticket, or all that is left where no amount is named. */
interface NextPart {
  kind: "card" | "cash" | "gift_card" | "account_credit";
  amount_minor?: number;
  is_part?: boolean;
  by_code?: boolean;
  tip_on_reader?: boolean;
  card_id?: string;
  confirmed_minor?: number | null;
}

/** What goes back of a ticket that was given up. */
interface GivenBack {
  cards: { card: string; amount_minor: number; state: string }[];
  cash_minor: number;
}

/** A sale in the list of the desk. */
interface FoundSale {
  sale_id: string;
  receipt: string;
  completed_at: string;
  /** Its business day. */
  on: string;
  client: string | null;
  desk: string | null;
  total_minor: number;
  tenders: string[];
  last4: string | null;
  refund: "void" | "refund" | null;
}

/** A visit that is expected, with what became of it. */
interface ExpectedVisit {
  appointment_id: string;
  on: string;
  /** The time at this location, "09:30". */
  at: string;
  client_id: string | null;
  client: string;
  item_id: string;
  item: string;
  therapist_id: string | null;
  therapist: string | null;
  note: string;
  state: "expected" | "arrived" | "rung_up" | "missed" | "cancelled";
  sale_id: string | null;
  receipt: string | null;
  /** Of the ticket that it is on just now. */
  ticket_state: string | null;
}

/** The visits of a day; where there are none, the last sales of today at this desk. */
interface DayOfVisits {
  on: string;
  today: string;
  visits: ExpectedVisit[];
  to_come: number;
  sales: FoundSale[];
}

/** What the screen that faces the client shows; no state where it is what is shown already. */
interface Facing {
  key: string;
  state: "idle" | "cart" | "card" | "code" | "checking" | "declined" | "paid" | "unpaired";
  clinic?: string;
  ticket_id?: string;
  first_name?: string | null;
  lines?: { name: string; amount: string }[];
  sums?: { words: string; amount: string }[];
  due?: string;
  tips?: { percent: string; words: string; amount: string; chosen: boolean }[];
  has_tip?: boolean;
  image?: string | null;
  total?: string | null;
  change?: string | null;
  receipt?: string;
}

/** The sale just completed, as its end is drawn. */
interface Paid {
  sale_id: string;
  receipt: string;
  how: "card" | "cash" | "stored" | "credit" | "parts";
  client: Client | null;
  left: Client | null;
  cards: { face_minor: number; code: string | null; pdf: string }[];
  total_minor: number;
  tip_minor: number;
  change_minor: number;
  /** What the cash was more than what it paid for; negative where it was less. */
  rounding_minor?: number;
  tendered: number;
  own: number;
  html: string;
  pdf: string;
  card?: string | null;
  /** The cards that paid, where several did. */
  by_cards?: PaidPart[];
  by_code?: boolean;
  reader_tip?: number;
  spent?: StoredOnTicket[];
  /** Gift cards were sold; their codes are asked for. */
  has_cards?: boolean;
  visit_conversion?: Offer;
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

/** Cash that moved without a sale. */
interface Movement {
  words: string;
  amount_minor: number;
  reason: string;
  at: string;
}

/** A line of a sale and what of it can go back: money, and of several units how many. */
interface RefundableLine {
  position: number;
  kind: string;
  name: string;
  quantity: number;
  units_left: number;
  left_minor: number;
  /** Whether its pieces were taken from a counted stock. */
  in_stock: boolean;
  why_not: string | null;
}

/** The drawer of the desk. */
interface DrawerAnswer {
  shift: State["shift"];
  denominations: number[];
  /** What the last close left in it. */
  left_minor: number | null;
  movements: Movement[];
  tips: { staff_id: string; name: string; owed_minor: number }[];
}

/** A drawer that was counted and closed. */
interface CloseAnswer {
  expected_minor: number;
  counted_minor: number;
  over_short_minor: number;
  left_minor: number;
  z_number: string;
  z_pdf: string;
  z_html: string;
}

/** What the search found. */
interface SearchAnswer {
  items: { item_id: string; by_code?: boolean }[];
  clients: Client[];
  receipts: { sale_id: string; receipt: string }[];
  gift_cards?: GiftCard[];
  sentence?: string | null;
  scanned?: boolean;
}

/** Where money goes back to: a kind of tender. */
type Destination = string;

type RefundState = "paid_back" | "waiting" | "created" | "unknown" | "failed";

/** What a refund would come to, with its arithmetic. */
interface RefundQuote {
  steps: { words: string; minor: number }[];
  total_minor: number;
  tax_minor: number;
  /** `card` where several cards paid. */
  ways: { kind: Destination; amount_minor: number; rounding_minor: number; card?: string }[];
  credits: number;
}

interface RefundPart {
  part_id: string;
  kind: Destination;
  label: string | null;
  amount_minor: number;
  state: RefundState;
  /** It failed and was not given back another way yet. */
  owed: boolean;
  sentence: string | null;
}

interface Refund {
  refund_id: string;
  kind: "void" | "refund";
  note: string;
  state: RefundState;
  created_at: string;
  reason: string;
  total_minor: number;
  parts: RefundPart[];
  html: string;
  pdf: string;
  /** Whether the client is known, so that account credit is possible. */
  named?: boolean;
}

/** What of a sale can be given back. */
interface Refundable {
  sale_id: string;
  receipt: string;
  client: string | null;
  named: boolean;
  voided: boolean;
  void: RefundQuote | null;
  tip_minor: number;
  packages: { package_id: string; name: string; left: number; credits: number; why_not: string | null }[];
  lines: RefundableLine[];
  refunds: Refund[];
}
