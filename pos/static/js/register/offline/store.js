/**
 * What the desk keeps in this browser for the time without the server: what it knew (menu, prices, the clients chosen last) and
 * the sales that wait to be sent. IndexedDB; a browser that refuses it cannot go on without the server.
 */

const NAME = "tenderpoint-register";
const KNOWN = "known";
const SALES = "sales";

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

function open() {
  opened ??= new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(KNOWN);
      asked.result.createObjectStore(SALES, { keyPath: "sale_id" });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  opened.catch(() => {
    opened = null;
  });
  return opened;
}

/**
 * Run one request in a transaction of its own; resolves when it is on the disk.
 * @template Found
 * @param {string} store
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<Found>} ask
 * @returns {Promise<Found>}
 */
async function run(store, mode, ask) {
  const base = await open();
  return new Promise((done, fail) => {
    const transaction = base.transaction(store, mode, { durability: "strict" });
    const request = ask(transaction.objectStore(store));
    transaction.oncomplete = () => done(request.result);
    transaction.onabort = () => fail(transaction.error);
  });
}

/**
 * @param {string} name
 * @param {unknown} value
 */
export const keep = (name, value) => run(KNOWN, "readwrite", (store) => store.put(value, name));

/**
 * @param {string} name
 * @returns {Promise<any>} undefined where nothing is kept
 */
export const kept = (name) => run(KNOWN, "readonly", (store) => store.get(name));

/** @returns {Promise<Client[]>} those this desk had on a ticket last, the newest first */
export const lastClients = async () => (await kept("clients")) ?? [];

/** Forget what the desk knew; sales that wait stay. */
export const forget = () => run(KNOWN, "readwrite", (store) => store.clear());

/** @param {WaitingSale} sale */
export const addSale = (sale) => run(SALES, "readwrite", (store) => store.put(sale));

/** @param {string} saleId */
export const removeSale = (saleId) => run(SALES, "readwrite", (store) => store.delete(saleId));

/** @returns {Promise<WaitingSale[]>} in the order in which they were taken */
export const waitingSales = () => run(SALES, "readonly", (store) => store.getAll());
