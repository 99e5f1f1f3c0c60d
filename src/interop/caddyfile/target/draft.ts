import { isDeepStrictEqual } from "node:util";

type Settings = Readonly<Record<string, unknown>>;

/** Where the hash of a password is read from. */
export type Hash = { readonly env: string } | { readonly file: string };

/** The definition while it is being put together. */
export class Draft {
  readonly edge: Record<string, unknown> = {};
  readonly acme: Record<string, unknown> = {};
  readonly apis: Map<string, Settings> = new Map();
  readonly backends: Map<string, Settings> = new Map();
  readonly endings: Map<string, Settings> = new Map();
  readonly egress: Set<string> = new Set();
  readonly values: Map<string, unknown> = new Map();
  readonly certificates: Settings[] = [];
  logs: Settings | null = null;

  readonly #basic = new Map<string, Map<string, Hash>>();
  readonly #hashes = new Map<string, string>();

  /** A new list of users with passwords. @returns its name */
  basicList(): string {
    const name = freeName(this.#basic, "site");
    this.#basic.set(name, new Map());
    return name;
  }

  /** @returns false: there is one of that name with another hash */
  addUser(list: string, name: string, hash: Hash): boolean {
    const users = this.#basic.get(list);
    const before = users?.get(name);
    users?.set(name, hash);
    return before === undefined || isDeepStrictEqual(before, hash);
  }

  /** The variable of the environment for a hash; the same hash has the same. */
  hashVariable(user: string, hash: string): string {
    const base = `PASSWORD_HASH_${user.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}`;
    for (let count = 1; ; count += 1) {
      const name = count === 1 ? base : `${base}_${count}`;
      const known = this.#hashes.get(name);
      if (known !== undefined && known !== hash) continue;
      this.#hashes.set(name, hash);
      return name;
    }
  }

  #identity(): Settings {
    const lists = [...this.#basic].map(([list, users]) => [
      list,
      { users: Object.fromEntries([...users].map(([name, hash]) => [name, { hash }])) },
    ]);
    return lists.length === 0 ? {} : { identity: { basic: Object.fromEntries(lists) } };
  }

  /** The same settings have the same name. */
  backend(about: string, settings: Settings): string {
    return named(this.backends, about, settings);
  }

  ending(about: string, settings: Settings): string {
    return named(this.endings, about, settings);
  }

  api(about: string, settings: Settings): string {
    const name = freeName(this.apis, about);
    this.apis.set(name, settings);
    return name;
  }

  toDefinition(): Settings {
    const acme = Object.keys(this.acme).length === 0 ? {} : { acme: this.acme };
    const certificates = this.certificates.length === 0 ? {} : { certificates: this.certificates };
    return {
      version: 1,
      edge: { ...this.edge, ...acme, ...certificates },
      errors: "empty",
      ...(this.logs === null ? {} : { logs: this.logs }),
      ...this.#identity(),
      ...(this.egress.size === 0 ? {} : { egress: { allow: [...this.egress].toSorted() } }),
      apis: Object.fromEntries(this.apis),
      ...(this.backends.size === 0 ? {} : { backends: Object.fromEntries(this.backends) }),
      ...(this.endings.size === 0 ? {} : { endings: Object.fromEntries(this.endings) }),
      ...(this.values.size === 0 ? {} : { environments: { default: { values: Object.fromEntries(this.values) } } }),
    };
  }
}

function named(known: Map<string, Settings>, about: string, settings: Settings): string {
  for (const [name, other] of known) if (isDeepStrictEqual(other, settings)) return name;
  const name = freeName(known, about);
  known.set(name, settings);
  return name;
}

function freeName(known: ReadonlyMap<string, unknown>, about: string): string {
  const base =
    about
      .replaceAll(/[^A-Za-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 60)
      .toLowerCase() || "site";
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? base : `${base}-${count}`;
    if (!known.has(name)) return name;
  }
}
