/**
 * What the desk knows, in one object; everything on the screen is drawn from it.
 *
 * phase: loading | ready | failed · desk place person permissions shift menu therapists tenders card printer scanner parked: as the server tells
 * about: the client on the ticket as the server tells of one client alone, or null (client_head.js)
 * ticket: the server's last word on the cart, or null · draft: what the desk asks for (see cart_draft.js) · saving: a change is
 * on its way · notice: {kind, words} above the pay keys, or null · mode: pick | cash | split | back (gives all of it back) | whose (the tip is): what the foot
 * of the ticket shows · typed: the amount its field begins with, minor units, or null · noReaderTip: nobody shall be asked for a tip on the reader this time · payment: a card payment being made, or null · ringing: a cash sale is on its way · paid: the sale just
 * completed, or null
 * offline: the server does not answer · local: this browser answers for it, up to localUntil (milliseconds) · queued: sales that wait
 * to be sent · offline_limits: how much may be taken then · stopped: a check of the books failed, cards and credits are refused
 */
import { emptyDraft } from "./cart_draft.js";

/** @type {State} */
export const state = {
  phase: "loading",
  problem: null,
  desk: null,
  place: /** @type {Place} */ (/** @type {unknown} */ (null)),
  person: null,
  permissions: [],
  shift: null,
  menu: { services: [], add_ons: [], retail: [], packages: [] },
  therapists: [],
  gift_card_item: "",
  open_item: { item_id: "", categories: [] },
  tenders: {},
  card: { on: false, reader: false, tips: false, mode: "off" },
  printer: null,
  scanner: { prefix: "", suffix: "" },
  parked: [],
  ticket: null,
  draft: emptyDraft(),
  client: null,
  about: null,
  saving: false,
  notice: null,
  mode: "pick",
  typed: null,
  noReaderTip: false,
  payment: null,
  ringing: false,
  paid: null,
  offline: false,
  local: false,
  localUntil: 0,
  queued: 0,
  refused: [],
  offline_limits: { minutes: 0, sales: 0, most_minor: 0 },
  stopped: false,
};

/** Whether the ticket is paid in part, and no card is being asked for. */
export const isPartly = ({ payment } = state) => payment?.state === "partly_paid";

/** @type {Set<(now: State) => void>} */
const watchers = new Set();

/**
 * Be called now and after every change, until the function returned is called.
 * @param {(now: State) => void} watcher
 */
export function watch(watcher) {
  watchers.add(watcher);
  queueMicrotask(() => watcher(state));
  return () => watchers.delete(watcher);
}

/**
 * Change some of the state and let everything be drawn.
 * @param {Partial<State>} changes
 */
export function set(changes) {
  Object.assign(state, changes);
  for (const watcher of watchers) watcher(state);
}

/**
 * Whether the person at the desk may do something.
 * @param {string} permission
 */
export const may = (permission) => state.permissions.includes(permission);

/** @type {Map<string, Item>} */
let byId = new Map();

/**
 * Take the server's account of the desk: all but the ticket, which desk.js unpacks.
 * @param {DeskAnswer} known
 */
export function setDesk({
  desk,
  place,
  person,
  permissions,
  shift,
  menu,
  therapists,
  gift_card_item,
  open_item,
  tenders,
  card,
  printer,
  scanner,
  parked,
  offline_limits,
  stopped,
}) {
  byId = new Map(
    [...menu.services.flatMap((service) => service.variants), ...menu.add_ons, ...menu.retail, ...menu.packages].map(
      (item) => [item.item_id, item],
    ),
  );
  set({
    desk,
    place,
    person,
    permissions,
    shift,
    menu,
    therapists,
    gift_card_item,
    open_item,
    tenders,
    card,
    printer,
    scanner,
    parked,
    offline_limits,
    stopped,
    phase: "ready",
    problem: null,
  });
}

/**
 * A thing on the menu, or undefined.
 * @param {string} itemId
 */
export const itemOf = (itemId) => byId.get(itemId);

/** Everything on the menu. */
export const items = () => [...byId.values()];
