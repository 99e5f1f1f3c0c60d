import { GatewayError } from "#model/errors.ts";

/** A problem document of a certificate authority. @see RFC 8555 §6.7, RFC 7807 */
export interface AcmeProblem {
  /** Without `urn:ietf:params:acme:error:`; `unknown` when the authority named none. */
  readonly type: string;
  /** The authority's own words, made printable and at most 1,000 characters long. */
  readonly detail: string;
  /** HTTP status, or 0 for the problem of an order, an authorization or a challenge. */
  readonly status: number;
}

/** The authority said no. `code` is `certificate-refused`. */
export class AcmeError extends GatewayError {
  readonly problem: AcmeProblem;
  /** From `Retry-After`: do not ask again before; 0 when it did not say. */
  readonly retryAfterMs: number;

  constructor(doing: string, problem: AcmeProblem, retryAfterMs: number = 0) {
    super("certificate-refused", 502, `${doing}: ${problem.detail} (${problem.type})`, { source: "ca" });
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Asked again, the authority would say the same: nothing can come of what was asked about. */
export function isFinal(error: unknown): boolean {
  if (!(error instanceof AcmeError)) return false;
  const { type, status } = error.problem;
  return type !== "rateLimited" && type !== "badNonce" && status < 500;
}

/** An answer that is no ACME, or none at all. @param what names it */
export function unusable(what: string, cause?: unknown): GatewayError {
  const options = cause === undefined ? {} : { cause };
  return new GatewayError("certificate-unavailable", 502, what, { source: "ca", retryable: true, ...options });
}

const urn = "urn:ietf:params:acme:error:";

/** Whatever a value holds of a problem document: authorities also answer with HTML, or with nothing. */
export function problemOf(value: unknown, status: number): AcmeProblem {
  const { type, detail, subproblems } = (typeof value === "object" && value !== null ? value : {}) as Readonly<
    Record<string, unknown>
  >;
  const name = typeof type === "string" && type.startsWith(urn) ? type.slice(urn.length) : "unknown";
  const words = typeof detail === "string" ? detail : `the authority answered ${status} without saying why`;
  const more = Array.isArray(subproblems) ? subproblems.slice(0, 10).map((sub) => subproblemText(sub)) : [];
  return { type: printable(name, 64), detail: printable([words, ...more].join("; "), 1000), status };
}

function subproblemText(value: unknown): string {
  const { identifier, detail } = (value ?? {}) as { identifier?: { value?: unknown }; detail?: unknown };
  return `${String(identifier?.value ?? "?")}: ${String(detail ?? "?")}`;
}

/** What a stranger wrote goes to logs and terminals. */
function printable(text: string, most: number): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ").slice(0, most);
}
