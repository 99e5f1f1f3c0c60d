import type { Dice } from "#test/soak/support.ts";

/** What was wrong, with the input that showed it. */
export interface Finding {
  readonly problem: string;
  readonly input: string;
}

export interface Target {
  readonly name: string;
  /** Cases that may be under way at once. */
  readonly lanes: number;
  /** One case; null when nothing is wrong with it. */
  run(dice: Dice): Finding | null | Promise<Finding | null>;
  /** For the report: what came of the cases, by kind. */
  readonly tally: Readonly<Record<string, number>>;
  close(): Promise<void>;
}
