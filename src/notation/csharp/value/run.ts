/** What one evaluation may use. Client input decides how often loops turn and how long strings grow. */
export interface RunLimits {
  /** Loop turns, calls of lambdas and items of sequences. */
  readonly steps: number;
  /** Bytes of strings, arrays and nodes made, whether or not they are still alive. */
  readonly bytes: number;
  /**
   * Of the thread's own time: what a step costs depends on what it does, searching a long text is one, too. Looked at now
   * and then.
   */
  readonly milliseconds: number;
}

export const defaultLimits: RunLimits = { steps: 500_000, bytes: 64 * 1024 * 1024, milliseconds: 100 };

/** How many times what one evaluation may use all those of one request may, in loops and retries too. */
const ofRequest = 5;

/** What the evaluations of one request have used so far. */
export interface RunSpent {
  expressionSteps: number;
  expressionMs: number;
}

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
let stepsAtFirst = 0;
let millisecondsLeft = Infinity;
let untilLook = 0;
/** When the clocks were first looked at; 0: they were not. */
let wallAtFirst = 0;
let timeAtFirst = 0;

/** Steps between two looks at the clock. */
const lookEvery = 64;

/** Sets the meters for the evaluation that begins now. @param spent by others of its request */
export function beginRun(
  limits: RunLimits = defaultLimits,
  sources: RunSources = systemSources,
  spent?: RunSpent,
): void {
  stepsLeft = limits.steps;
  bytesLeft = limits.bytes;
  millisecondsLeft = limits.milliseconds;
  if (spent !== undefined) {
    stepsLeft = Math.min(stepsLeft, limits.steps * ofRequest - spent.expressionSteps);
    millisecondsLeft = Math.min(millisecondsLeft, limits.milliseconds * ofRequest - spent.expressionMs);
  }
  stepsAtFirst = stepsLeft;
  current = sources;
  untilLook = lookEvery;
  wallAtFirst = 0;
}

/** Notes what the evaluation has used that ends now. */
export function endRun(spent: RunSpent): void {
  spent.expressionSteps += stepsAtFirst - stepsLeft;
  if (wallAtFirst > 0) spent.expressionMs += threadTime() - timeAtFirst;
}

export function step(count = 1): void {
  stepsLeft -= count;
  if (stepsLeft < 0) throw new LimitExceeded("the expression takes too many steps");
  untilLook -= count;
  if (untilLook < 0) look();
}

/**
 * The clocks are first looked at by expressions that take some steps: most take none. The thread's own, which stands still
 * while others have the processor, is five times as dear as that on the wall, so it is asked when the wall's has run out.
 */
function look(): void {
  untilLook = lookEvery;
  const wall = performance.now();
  if (wallAtFirst === 0) {
    wallAtFirst = wall;
    timeAtFirst = threadTime();
  } else if (wall - wallAtFirst > millisecondsLeft && threadTime() - timeAtFirst > millisecondsLeft) {
    throw new LimitExceeded("the expression takes too long");
  }
}

/** Milliseconds. */
function threadTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
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
