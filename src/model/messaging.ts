/** What policies send messages through, besides loggers. */
export interface Messaging {
  /** Dapr's sidecar, without a slash at its end; null: none is declared, and no policy may use one. */
  readonly daprUrl: string | null;
}
