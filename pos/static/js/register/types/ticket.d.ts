// The draft, the ticket and what it is made of, as pos/web/register/api takes and answers it. Read by the type checker only.

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

/** What one unit costs, in minor units, where that is not the list price. */
interface PriceOverride {
  amount_minor: number;
  reason: string;
}

/** Goods that are not in the catalogue: what one costs as displayed, how it is taxed, and why it is sold so. */
interface OpenItem {
  name: string;
  amount_minor: number;
  tax_category: string;
  reason: string;
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
  price?: PriceOverride | null;
  open_item?: OpenItem;
  gift?: Gift;
  visit_conversion?: Visit;
  exemption?: Exemption | null;
  part?: Part;
  /** Who it is for, where that is not the client. */
  person_id?: string | null;
}

/** What pays before cash and card: a gift card, account credit, money received outside the till. No amount: as far as it goes. */
interface Stored {
  kind: string;
  card_id: string | null;
  amount_minor: number | null;
  /** What finds money again that was received outside the till. */
  reference?: string;
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
  service_charges?: ChargeChoice[];
}

/** A service charge that a person chose, or took off for a reason. */
interface ChargeChoice {
  key: string;
  charged: boolean;
  reason: string;
}

/** A service charge that is on a ticket, was taken off it, or may be chosen. */
interface ChargeOnTicket {
  key: string;
  name: string;
  /** As a decimal text; null for an amount. */
  percent: string | null;
  by_itself: boolean;
  charged: boolean;
  /** What it comes to; null for a percentage that may be chosen. */
  amount_minor: number | null;
  reason: string;
}

/** A service charge as the location has set it up; minutes of the local day, 0 is Monday. */
interface ChargeRule {
  key: string;
  name: string;
  percent: string | null;
  amount_minor: number | null;
  tax_percents: string[];
  by_itself: boolean;
  weekdays: number[];
  from_minute: number;
  to_minute: number;
  on_credits: boolean;
  from_on: string;
  until_on: string | null;
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
  list_minor: number;
  covered_minor: number;
  due_minor: number;
  rest_minor: number;
  /** What is left, if all of it is paid in cash: rounded where the location does. */
  cash_minor: number;
  stored_minor: number;
  discount_minor: number;
  tip_minor: number;
  tip_base_minor: number;
  credits_used: number;
  taxes: { name: string; percent: string; net_minor: number; tax_minor: number }[];
}

interface StoredOnTicket extends Stored {
  pays_minor: number;
  last4: string | null;
  /** What was paid for a visit that becomes part of a package. */
  is_visit?: boolean;
  problem?: string | null;
  balance_minor: number;
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
  /** What was given by hand: of a line, or of the whole ticket where none is named. */
  discounts?: { line: string | null; percent: string | null; reason: string; amount_minor: number }[];
  stored?: StoredOnTicket[];
  promo?: { code: string; label: string; amount_minor: number; problem: string | null } | null;
  service_charges?: ChargeChoice[];
  charges?: ChargeOnTicket[];
  service_on?: string | null;
  payment?: Payment | null;
  note?: string;
  /** Yesterday as an ISO date, where the visit can be booked on it. */
  late_on?: string | null;
  tip_choices: { percent: string; amount_minor: number }[];
  tip_shares?: { staff_id: string | null; amount_minor: number }[];
  cash_suggestions: number[];
  needs_client?: boolean;
  /** Those whom lines name beside the client. */
  persons?: Client[];
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
  quantity: number;
  /** The client who shares it, where it is not this one's own. */
  shared_by: string | null;
  /** The item it was sold as, where that is still known. */
  item_id?: string | null;
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
  /** What the desk should know; told when one client is asked for alone. */
  note?: string;
  has_allergy?: boolean;
  allergy?: string;
  /** What they had most often lately. */
  usual_item_id?: string | null;
  usual_therapist_id?: string | null;
  last_visit?: { on: string; name: string; therapist: string | null } | null;
}

/** Who may be the client that is being added. */
type AlikeClient = Pick<Client, "client_id" | "name" | "email" | "phone">;

/** The sheet of a client, beside what they have. */
interface ClientRecords {
  client_id: string;
  visits: Array<{ on: string; name: string; therapist: string | null }>;
  sales: FoundSale[];
  today: string;
  cards: Array<{
    card_id: string;
    last4: string;
    balance_minor: number;
    expires_on: string | null;
    to_name: string | null;
  }>;
  contact: { given_name: string; family_name: string; phone: string; email: string };
  /** The fields of it that whoever is at the desk may change. */
  may_change: string[];
  seen: string;
}

/** What the head of the ticket says of the client beside their name. */
interface AboutModel {
  allergy: string | null;
  note: string | null;
  last: string;
  usual: string | null;
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
  code?: string | null;
  /** Percent of its taxes, the first one first, as decimal texts. */
  tax_percents?: string[];
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

/** What the desk of a location is: its formats and habits. */
interface Place {
  exponent: number;
  currency: string;
  time_zone: string;
  /** Hours before this one belong to the day before. */
  cutoff_hour: number;
  /** What is added to visits here. */
  service_charges?: ChargeRule[];
  amount_pattern: AmountPattern;
  money_pattern: AmountPattern;
  tax_inclusive: boolean;
  /** "invoice": tax is rounded once; "line": line by line. */
  tax_method?: string;
  /** What its taxes are called, the first one first. */
  tax_names?: string[];
  /** The smallest coins in use: cash is rounded to a multiple; just between two goes up or down. */
  cash_rounding: { step_minor: number; halves_down: boolean };
  /** The coins and notes that clients pay with, in minor units. */
  note_steps: number[];
  /** Cash this much over what is due is asked about. */
  cash_over_minor: number;
  /** What receipts are printed on, the paper of this desk first. */
  papers: { format: string; name: string }[];
}

interface Menu {
  services: { name: string; variants: Item[] }[];
  add_ons: Item[];
  retail: Item[];
  packages: Item[];
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
  /** Why a sale taken without the server waits here. */
  problem?: string | null;
}

/** What the server wants approved; what a manager agrees to is bound to it. */
interface Asked {
  action: string;
  subject_id: string;
  amount_minor: number;
  content_hash: string | null;
  discounts: AskedDiscount[];
  /** Of open items: what they are called and cost. */
  items?: { name: string; amount_minor: number }[];
}

/** A ticket that cannot be priced as it stands: what was asked for, and why not. The ticket on the screen where none is named. */
interface Stuck {
  ticket_id?: string;
  version: string | null;
  client_id: string | null;
  content: Draft;
  sentence: string;
}
