/** What one evaluation may use. Client input decides how often loops turn and how long strings grow. */
export interface RunLimits {
  /** Loop turns, calls of lambdas and items of sequences. */
  readonly steps: number;
  /** Bytes of strings, arrays and nodes made, whether or not they are still alive. */
  readonly bytes: number;
  /** What a step costs depends on what it does: searching a long text is one, too. Looked at now and then. */
  readonly milliseconds: number;
}

export const defaultLimits: RunLimits = { steps: 500_000, bytes: 64 * 1024 * 1024, milliseconds: 250 };

/** Time and chance, so that tests can hold them still. */
export interface RunSources {
  /** Milliseconds since the epoch. */
  now(): number;
  /** In [0, 1). */
  random(): number;
}

/** An evaluation went past its bounds. No `catch` of an expression sees it. */
export class LimitExceeded extends Error {
  override readonly name = "LimitExceeded";
}

const systemSources: RunSources = { now: () => Date.now(), random: () => Math.random() };

// Evaluation is synchronous and a thread does one at a time, so the meters are the module's rather than arguments of
// every function of the library.
let stepsLeft = defaultLimits.steps;
let bytesLeft = defaultLimits.bytes;
let current: RunSources = systemSources;
let deadline = Infinity;
let untilLook = 0;

/** Steps between two looks at the clock. */
const lookEvery = 64;

/** Sets the meters for the evaluation that begins now. */
export function beginRun(limits: RunLimits = defaultLimits, sources: RunSources = systemSources): void {
  stepsLeft = limits.steps;
  bytesLeft = limits.bytes;
  current = sources;
  deadline = -limits.milliseconds;
  untilLook = lookEvery;
}

export function step(count = 1): void {
  stepsLeft -= count;
  if (stepsLeft < 0) throw new LimitExceeded("the expression takes too many steps");
  untilLook -= count;
  if (untilLook < 0) look();
}

/** The clock is first looked at by expressions that take some steps: most take none. */
function look(): void {
  untilLook = lookEvery;
  const time = performance.now();
  if (deadline < 0) deadline = time - deadline;
  else if (time > deadline) throw new LimitExceeded("the expression takes too long");
}

/** Call it before making what is that large. */
export function charge(bytes: number): void {
  bytesLeft -= bytes;
  if (bytesLeft < 0) throw new LimitExceeded("the expression makes too much data");
}

/** A new string, paid for. */
export function text(made: string): string {
  charge(made.length * 2);
  return made;
}

export function now(): number {
  return current.now();
}

export function random(): number {
  return current.random();
}
