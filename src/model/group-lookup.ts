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

/** What the provider's userinfo endpoint says of whoever comes with a token of theirs. Nothing of it is secret. */
export interface UserInfoLookup {
  /** How old it may be. */
  readonly keepMs: number;
}

/** Whose groups are asked for. */
export interface GroupQuestion {
  /** In the definition. */
  readonly provider: string;
  readonly tenant: string;
  /** Of the person or the application in its directory; of a token its digest. */
  readonly id: string;
  /** `token`: whoever has it, at the userinfo endpoint. */
  readonly kind: "user" | "application" | "token";
  /** Of the kind `token`: what is shown there, and whom it must speak of. */
  readonly token?: { readonly text: string; readonly subject: string };
}

export interface GroupAnswer {
  readonly groups: readonly string[];
  /** The provider does not take the token any more. */
  readonly isTakenBack?: true;
  /** Milliseconds since the epoch; from then on it is too old. */
  readonly until: number;
}
