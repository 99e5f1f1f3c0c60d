import type { IdentityToken } from "#model/managed-identity.ts";
import type { GatewayError } from "#model/errors.ts";
import type { EgressResponse } from "#model/ports.ts";
import { identityFailed } from "./identity-failed.ts";

const twoHours = 7_200_000;
const fiveMinutes = 300_000;

interface Answer {
  readonly access_token?: unknown;
  readonly expires_on?: unknown;
  readonly expires_in?: unknown;
  readonly refresh_in?: unknown;
  readonly error?: unknown;
}

/**
 * Reads what a token endpoint answered. Seconds come as numbers or as texts.
 * @throws GatewayError `managed-identity-failed`, or what `failed` makes, naming the status and the error's code
 */
export function readTokenAnswer(
  from: string,
  { status, body }: EgressResponse,
  now: number,
  failed: (message: string) => GatewayError = identityFailed,
): IdentityToken {
  const answer = parse(body);
  if (status !== 200) throw failed(`${from} answered ${status}${codeOf(answer)}`);
  const { access_token: token } = answer;
  // It becomes a header field.
  if (typeof token !== "string" || !/^[\x21-\x7e]{1,65536}$/.test(token)) {
    throw failed(`${from} gave no token`);
  }
  const expiresAt = expiryOf(answer, now);
  if (!(expiresAt > now)) throw failed(`${from} gave a token that has no time to live`);
  return { token, expiresAt, refreshAt: refreshOf(answer, now, expiresAt) };
}

function parse(body: Uint8Array): Answer {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function codeOf(answer: Answer): string {
  const code = codeIn(answer);
  return code === undefined ? "" : ` (${code})`;
}

/** `error` is one of a short list; what describes it may quote the request. */
function codeIn({ error }: Answer): string | undefined {
  return typeof error === "string" && /^[\w-]{1,64}$/.test(error) ? error : undefined;
}

/** Why a token endpoint gave nothing; undefined where it does not say. @see RFC 6749 §5.2 */
export function errorCodeIn(body: Uint8Array): string | undefined {
  return codeIn(parse(body));
}

function expiryOf({ expires_on: on, expires_in: within }: Answer, now: number): number {
  const absolute = secondsOf(on);
  return absolute === undefined ? now + (secondsOf(within) ?? 0) * 1000 : absolute * 1000;
}

/** Well ahead, so that an endpoint that is down for a while is not noticed. */
function refreshOf({ refresh_in: within }: Answer, now: number, expiresAt: number): number {
  const said = secondsOf(within);
  const left = expiresAt - now;
  if (said !== undefined && said * 1000 < left) return now + said * 1000;
  return left > twoHours ? now + left / 2 : Math.max(now, expiresAt - fiveMinutes);
}

function secondsOf(value: unknown): number | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return typeof value === "string" && /^\d{1,12}$/.test(value) ? Number(value) : undefined;
}
