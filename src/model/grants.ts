/** An approval that is in force. */
export interface Grant {
  readonly approval: string;
  /** Of the access request that it was given for. */
  readonly id: string;
  /** What whoever asked has said. */
  readonly reason: string;
  /** Milliseconds since the epoch; from then on it is not. */
  readonly until: number;
}

/** All that is in force for one grantee; none: nothing is any more. */
export interface GrantsOf {
  readonly grantee: string;
  readonly grants: readonly Grant[];
}
