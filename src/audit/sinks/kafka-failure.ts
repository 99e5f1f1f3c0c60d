import { GatewayError } from "#model/errors.ts";
import type { Delivered } from "./delivery.ts";

/** What the client's errors have of what is read here. */
interface Failure {
  readonly code?: unknown;
  readonly errno?: unknown;
  /** Name of an error of the protocol. */
  readonly apiId?: unknown;
  readonly errors?: unknown;
  readonly cause?: unknown;
}

const tooLarge: ReadonlySet<string> = new Set(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]);
const deepest = 8;

/** Codes alone, the most telling one: a message may have what a server says. */
export function kafkaFailure(error: unknown): Delivered {
  const all = [...within(error, 0)];
  const refused = all.find((one) => one instanceof GatewayError);
  const answered = all.map(({ apiId }) => apiId).find((id) => typeof id === "string");
  const failed = all.find(({ errno }) => errno !== undefined) ?? all.findLast(({ code }) => code !== undefined);
  const why = refused?.code ?? answered ?? failed?.code;
  if (typeof why !== "string") return { outcome: "retry", why: "no answer in time" };
  return tooLarge.has(why) ? { outcome: "too-large", why } : { outcome: "retry", why };
}

/** Errors come in lists of lists. */
function* within(error: unknown, depth: number): Generator<Failure> {
  if (typeof error !== "object" || error === null || depth > deepest) return;
  const failure: Failure = error;
  yield failure;
  yield* within(failure.cause, depth + 1);
  if (Array.isArray(failure.errors)) for (const one of failure.errors) yield* within(one, depth + 1);
}
