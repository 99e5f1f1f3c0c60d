/** How the groups of a provider's people are asked for, where tokens leave them out. Nothing of it is secret. */
export interface GroupLookup {
  /** `left-out`: of whom a token says that there are too many; `always`: of everybody, whatever the token says. */
  readonly when: "left-out" | "always";
  /** Of Microsoft Graph, with its version; without a slash at its end. */
  readonly url: string;
  /** How old they may be. */
  readonly keepMs: number;
  /** Groups that are not for security are left out. */
  readonly securityOnly: boolean;
  /** Ids of the groups that count here; null: all. */
  readonly only: readonly string[] | null;
}

/** Whose groups are asked for. */
export interface GroupQuestion {
  /** In the definition. */
  readonly provider: string;
  readonly tenant: string;
  /** Of the person or the application in its directory. */
  readonly id: string;
  readonly kind: "user" | "application";
}

export interface GroupAnswer {
  readonly groups: readonly string[];
  /** Milliseconds since the epoch; from then on it is too old. */
  readonly until: number;
}
