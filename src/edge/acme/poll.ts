import { unusable } from "./problem.ts";

/** Waits; rejects when the gateway stops. */
export type Pause = (ms: number) => Promise<void>;

const firstMs = 250;
const mostMs = 10_000;
/** Waiting for one thing takes no longer: what is begun is taken up again at the next try. */
const patienceMs = 180_000;

/**
 * Asks until the answer says it is over: after a quarter of a second, then ever more rarely, or when the authority
 * asks to be asked.
 *
 * @throws GatewayError `certificate-unavailable` when it is not over after three minutes
 */
export async function poll<T>(
  ask: () => Promise<{ readonly value: T; readonly retryAfterMs: number }>,
  isOver: (value: T) => boolean,
  pause: Pause,
  what: string,
): Promise<T> {
  let waited = 0;
  for (let delay = firstMs; ; delay = Math.min(delay * 1.5, mostMs)) {
    const { value, retryAfterMs } = await ask();
    if (isOver(value)) return value;
    const wait = Math.max(delay, Math.min(retryAfterMs, mostMs));
    waited += wait;
    if (waited > patienceMs) throw unusable(`${what} was not over after ${patienceMs / 1000} seconds`);
    await pause(wait);
  }
}
