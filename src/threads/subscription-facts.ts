import type { OwnerFacts, SubscriptionDetails } from "#model/ports.ts";

/** Times are milliseconds since the epoch. */
export interface SubscriptionFacts {
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endsAt: number | null;
  /** Id of a user. */
  readonly owner: string | null;
  readonly displayName: string | null;
}

type Written = readonly [
  createdAt: number,
  /** Since then. */
  startedAfter?: number | null,
  endsAt?: number | null,
  owner?: string | null,
  displayName?: string | null,
];

/** Stands between a name and its facts: no name has it, and JSON escapes it. */
const separator = "\n";

/** A name with its facts in one text, as short as may be: there may be a million. */
export function writeFacts(name: string, facts: SubscriptionFacts | undefined): string {
  if (facts === undefined) return name;
  const { createdAt, startedAt, endsAt, owner, displayName } = facts;
  const all = [createdAt, startedAt === null ? null : startedAt - createdAt, endsAt, owner, displayName];
  const last = all.findLastIndex((one) => one !== null);
  return `${name}${separator}${JSON.stringify(all.slice(0, last + 1))}`;
}

export function nameOf(text: string): string {
  const end = text.indexOf(separator);
  return end < 0 ? text : text.slice(0, end);
}

/** Undefined where nothing but the name is known. */
export function detailsOf(text: string, findUser: (id: string) => OwnerFacts | null): SubscriptionDetails | undefined {
  const end = text.indexOf(separator);
  return end < 0 ? undefined : new WrittenDetails(text.slice(end + 1), findUser);
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
