/** What pays for work over a tree: documents come from clients, and paths may be made of what they send. */
export interface Meter {
  /** Nodes looked at. @throws when there were too many */
  step(count?: number): void;
  /** Bytes about to be made. @throws when there were too many */
  charge(bytes: number): void;
}
