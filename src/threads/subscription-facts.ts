import type { OwnerFacts, SubscriptionDetails } from "#model/ports.ts";

/** Times are milliseconds since the epoch. */
export interface SubscriptionFacts {
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endsAt: number | null;
  /** Id of a user. */
  readonly owner: string | null;
  readonly displayName: string | null;
  /** Id of the key, when it is an old one. */
  readonly oldKey?: string;
}

type Written = readonly [
  createdAt: number,
  /** Since then. */
  startedAfter?: number | null,
  endsAt?: number | null,
  owner?: string | null,
  displayName?: string | null,
];

/** Stands between a name, its facts and the id of an old key: no name has it, and JSON escapes it. */
const separator = "\n";

/** A name with its facts, and the id of an old key, in one text, as short as may be: there may be a million. */
export function writeFacts(name: string, facts: SubscriptionFacts | undefined): string {
  if (facts === undefined) return name;
  const { createdAt, startedAt, endsAt, owner, displayName, oldKey } = facts;
  const all = [createdAt, startedAt === null ? null : startedAt - createdAt, endsAt, owner, displayName];
  const last = all.findLastIndex((one) => one !== null);
  const text = `${name}${separator}${JSON.stringify(all.slice(0, last + 1))}`;
  return oldKey === undefined ? text : `${text}${separator}${oldKey}`;
}

/** Undefined for a key that is its slot's. */
export function oldKeyOf(text: string): string | undefined {
  const [begin, end] = [text.indexOf(separator), text.lastIndexOf(separator)];
  return end > begin ? text.slice(end + 1) : undefined;
}

export function nameOf(text: string): string {
  const end = text.indexOf(separator);
  return end < 0 ? text : text.slice(0, end);
}

/** Undefined where nothing but the name is known. */
export function detailsOf(text: string, findUser: (id: string) => OwnerFacts | null): SubscriptionDetails | undefined {
  const end = text.indexOf(separator);
  if (end < 0) return undefined;
  const [facts = ""] = text.slice(end + 1).split(separator, 1);
  return new WrittenDetails(facts, findUser);
}

/** Read when somebody asks: most requests never do. */
class WrittenDetails implements SubscriptionDetails {
  readonly #text: string;
  readonly #findUser: (id: string) => OwnerFacts | null;
  #read: Written | undefined;

  constructor(text: string, findUser: (id: string) => OwnerFacts | null) {
    this.#text = text;
    this.#findUser = findUser;
  }

  get createdAt(): number {
    return this.#written[0];
  }

  get startedAt(): number | null {
    const [createdAt, after = null] = this.#written;
    return after === null ? null : createdAt + after;
  }

  get endsAt(): number | null {
    return this.#written[2] ?? null;
  }

  get displayName(): string | null {
    return this.#written[4] ?? null;
  }

  owner(): OwnerFacts | null {
    const id = this.#written[3] ?? null;
    return id === null ? null : this.#findUser(id);
  }

  get #written(): Written {
    return (this.#read ??= JSON.parse(this.#text) as Written);
  }
}
