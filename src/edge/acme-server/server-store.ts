import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Log, Random } from "#model/ports.ts";
import { makeDirectory, readText, writeAtomically } from "#edge/ca-files.ts";
import type { Account, Order } from "./acme-types.ts";
import { AcmeRefusal } from "./refusal.ts";

const maxAccounts = 1000;
const maxOrders = 2000;
const maxOpenOrders = 50;

/** Accounts and orders, a file each, readable by the gateway's user only. What is in memory is what is on disk. */
export class ServerStore {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly orders: ReadonlyMap<string, Order>;
  readonly #accounts: Map<string, Account>;
  readonly #orders: Map<string, Order>;
  readonly #directory: string;
  readonly #random: Random;

  private constructor(directory: string, random: Random, accounts: Map<string, Account>, orders: Map<string, Order>) {
    this.#directory = directory;
    this.#random = random;
    this.accounts = this.#accounts = accounts;
    this.orders = this.#orders = orders;
  }

  static async open(directory: string, random: Random, log: Log): Promise<ServerStore> {
    for (const kind of ["accounts", "orders"]) await makeDirectory(join(directory, kind));
    const accounts = await readAll<Account>(join(directory, "accounts"), log);
    return new ServerStore(directory, random, accounts, await readAll<Order>(join(directory, "orders"), log));
  }

  accountOf(thumbprint: string): Account | undefined {
    for (const account of this.#accounts.values()) if (account.thumbprint === thumbprint) return account;
    return undefined;
  }

  /** @throws AcmeRefusal `rateLimited` when there are too many */
  async addAccount(account: Account): Promise<void> {
    if (this.#accounts.size >= maxAccounts) await this.#dropUnused();
    if (this.#accounts.size >= maxAccounts) throw new AcmeRefusal("rateLimited", 429, "there are too many accounts");
    this.#accounts.set(account.id, account);
    await this.saveAccount(account);
  }

  /** Of an account, by id; those that nothing more will come of are left out. */
  ordersOf(account: string, isLive: (order: Order) => boolean): readonly Order[] {
    const own = [...this.#orders.values()].filter((order) => order.account === account && isLive(order));
    return own.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  saveAccount(account: Account): Promise<void> {
    return this.#write("accounts", account);
  }

  /** @throws AcmeRefusal `rateLimited` when there are too many, of this account or of all */
  async addOrder(order: Order, now: number): Promise<void> {
    for (const old of this.#orders.values()) if (isOver(old, now)) await this.#remove("orders", this.#orders, old.id);
    const open = [...this.#orders.values()].filter(({ account, chain }) => account === order.account && chain === null);
    if (open.length >= maxOpenOrders || this.#orders.size >= maxOrders) {
      throw new AcmeRefusal("rateLimited", 429, "there are too many orders; finish some, or wait until they expire");
    }
    this.#orders.set(order.id, order);
    await this.saveOrder(order);
  }

  saveOrder(order: Order): Promise<void> {
    return this.#write("orders", order);
  }

  /** An account that nothing was issued for can be made again by whoever has its key. The oldest go first. */
  async #dropUnused(): Promise<void> {
    const used = new Set([...this.#orders.values()].map(({ account }) => account));
    const unused = [...this.#accounts.values()].filter(({ id, binding }) => binding === null && !used.has(id));
    for (const { id } of unused.toSorted((a, b) => a.createdAt - b.createdAt).slice(0, maxAccounts / 10)) {
      await this.#remove("accounts", this.#accounts, id);
    }
  }

  async #remove(kind: string, map: Map<string, unknown>, id: string): Promise<void> {
    map.delete(id);
    await rm(join(this.#directory, kind, `${id}.json`), { force: true });
  }

  #write(kind: string, value: { readonly id: string }): Promise<void> {
    return writeAtomically(join(this.#directory, kind, `${value.id}.json`), JSON.stringify(value), this.#random);
  }
}

function isOver({ chain, expires, notAfter }: Order, now: number): boolean {
  return now > (chain === null ? expires : notAfter);
}

async function readAll<T extends { readonly id: string }>(directory: string, log: Log): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  for (const name of await readdir(directory)) {
    const id = /^([A-Za-z0-9_-]+)\.json$/.exec(name)?.[1];
    if (id === undefined) continue;
    try {
      found.set(id, JSON.parse((await readText(join(directory, name))) ?? "") as T);
    } catch (error) {
      log.warn("ACME server: a file is damaged and left out", { file: join(directory, name), error: String(error) });
    }
  }
  return found;
}
