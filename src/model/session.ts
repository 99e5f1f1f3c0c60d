/** What a worker asks main about a session that a cookie names. */
export interface SessionQuestion {
  /** SHA-256 of the session's id, base64url. */
  readonly digest: string;
  /** Where the request came to: a session is good at one host. */
  readonly host: string;
  /** A person does something with it, so it is not idle. */
  readonly isUsed: boolean;
}

/** A session that stands. Times are milliseconds since the epoch. */
export interface SessionFacts {
  /** Public name. */
  readonly handle: string;
  /** In the definition. */
  readonly provider: string;
  readonly host: string;
  /** What the provider says of the person, at most `check` old if it could be reached. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Of the claims as JSON. */
  readonly characters: number;
  readonly createdAt: number;
  readonly endsAt: number;
  readonly idleMs: number;
  readonly seenAt: number;
  /** From then on it must be asked about again. */
  readonly freshUntil: number;
}

/** A session as an administrator sees it: without what opens it, and without what its provider gave. */
export interface ListedSession {
  /** Names it in records and for administrators; opens nothing. */
  readonly handle: string;
  readonly provider: string;
  /** The host that it was opened at, and is good at. */
  readonly host: string;
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly seenAt: number;
  readonly endsAt: number;
}
