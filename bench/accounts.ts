/** CPU time and duration of a stretch of time. */
export interface Stretch {
  readonly cpuSeconds: number;
  readonly seconds: number;
}

export interface LoadedTurn extends Stretch {
  readonly requests: number;
}

/**
 * CPU microseconds a request, turn by turn. A gateway goes on after its last answer: it writes, indexes and counts, most
 * of it while others have their turns. What it took outside its turns, beyond what it takes when nobody asks, is spread
 * over all its requests.
 * @param all turns that the same processes had, those of other targets among them: one gateway may serve several
 * @param whole from the first turn until all is quiet again @param idle without load, for any time
 */
export function microsByTurn(
  turns: readonly LoadedTurn[],
  all: readonly LoadedTurn[],
  whole: Stretch,
  idle: Stretch,
): readonly number[] {
  const sum = (pick: (turn: LoadedTurn) => number): number => all.reduce((total, turn) => total + pick(turn), 0);
  const idleShare = idle.seconds > 0 ? idle.cpuSeconds / idle.seconds : 0;
  const between = whole.seconds - sum(({ seconds }) => seconds);
  const after = whole.cpuSeconds - sum(({ cpuSeconds }) => cpuSeconds) - idleShare * between;
  const afterEach =
    Math.max(0, after) /
    Math.max(
      1,
      sum(({ requests }) => requests),
    );
  return turns.map(({ cpuSeconds, requests }) => (cpuSeconds / Math.max(1, requests) + afterEach) * 1e6);
}
