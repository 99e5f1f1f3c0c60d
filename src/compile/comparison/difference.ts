/** What a difference is about, by what people decide on. The order is that of danger, the most first. */
export const differenceGroups = [
  "access",
  "policy",
  "exception",
  "secret",
  "host",
  "address",
  "backend",
  "setting",
] as const;

export type DifferenceGroup = (typeof differenceGroups)[number];

/** A named part of a definition, or a section of it. */
export interface Entry {
  /** As people say it: `API`, `operation`, `backend`, `product`, … or `definition` for what has no name of its own. */
  readonly kind: string;
  /** An operation's has its API before it: `orders.list`. A section's is its key: `edge`. */
  readonly name: string;
}

/** One place where two definitions differ. */
export interface Difference {
  readonly group: DifferenceGroup;
  readonly entry: Entry;
  /** Within the entry: `targets[0].url`, `policies.inbound.quota.calls`. Empty: the whole entry came or went. */
  readonly place: string;
  /** As JSON has it; a secret is `{"secret": where it is read from}` and never its value. Undefined: it was not there. */
  readonly before: unknown;
  readonly after: unknown;
  /** It is the same things, in another order. */
  readonly isOrder?: true;
}
