import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from "openid-client";
import { OperationProcessingError } from "oauth4webapi";
import { GatewayError } from "#model/errors.ts";
import { OtherTenantError } from "./tenant-exchange.ts";

/**
 * What a failure of a provider means for a person's session:
 * `gone`: it does not know them any more, or takes back what it gave; `down`: it could not be asked, so nothing is known;
 * `refused`: it said no in another way, or spoke of somebody else. Only `down` lets a session go on.
 */
export type TroubleKind = "gone" | "down" | "refused";

export interface ProviderTrouble {
  readonly kind: TroubleKind;
  /** Codes only, no words of the provider and nothing secret. */
  readonly detail: string;
}

/** A provider that mixes people up is not believed, and gives nobody another's session. */
export class OtherSubjectError extends Error {
  override readonly name = "OtherSubjectError";
}

/** It was asked for tokens, or about a person with the access token that it gave. */
export type AskedPlace = "token" | "userinfo";

/**
 * It does not take this gateway for its client (a secret that was rotated there first), so it has said nothing about the
 * person: RFC 6749 §5.2.
 */
const clientError = "invalid_client";
/** It says itself that it knows nothing now: RFC 6749 §4.1.2.1, RFC 8628 §3.5. */
const busyErrors: ReadonlySet<string> = new Set(["temporarily_unavailable", "server_error", "slow_down"]);
/** A page instead of an answer: neither yes nor no. */
const unreadable: ReadonlySet<string> = new Set(["OAUTH_PARSE_ERROR", "OAUTH_RESPONSE_IS_NOT_JSON"]);

export function providerTrouble(error: unknown, place: AskedPlace = "token"): ProviderTrouble {
  if (error instanceof ResponseBodyError) return ofBody(error);
  if (error instanceof WWWAuthenticateChallengeError) return ofChallenge(error, place);
  if (error instanceof AuthorizationResponseError) return { kind: "refused", detail: code(error.error) };
  if (error instanceof OtherTenantError) return { kind: "refused", detail: `tenant not listed: ${error.message}` };
  if (error instanceof OtherSubjectError) return { kind: "refused", detail: "another subject" };
  if (error instanceof GatewayError) return { kind: "down", detail: error.code };
  if (error instanceof ClientError || error instanceof OperationProcessingError) return ofClient(error, place);
  return { kind: "refused", detail: "unexpected answer" };
}

function ofBody({ error, status }: ResponseBodyError): ProviderTrouble {
  if (isBusy(status)) return { kind: "down", detail: `status ${status}` };
  if (busyErrors.has(error) || error === clientError) return { kind: "down", detail: code(error) };
  return { kind: error === "invalid_grant" || error === "invalid_token" ? "gone" : "refused", detail: code(error) };
}

/** The userinfo endpoint takes the token for none (RFC 6750 §3.1); the token endpoint takes us for no client. */
function ofChallenge({ status }: WWWAuthenticateChallengeError, place: AskedPlace): ProviderTrouble {
  if (place === "token") return { kind: "down", detail: `${clientError}, status ${status}` };
  if (isBusy(status)) return { kind: "down", detail: `status ${status}` };
  return { kind: status === 401 || status === 403 ? "gone" : "refused", detail: `status ${status}` };
}

function ofClient({ code: name, cause }: ClientError | OperationProcessingError, place: AskedPlace): ProviderTrouble {
  if (cause instanceof GatewayError) return { kind: "down", detail: cause.code };
  if (cause instanceof Response && cause.status !== 200) return ofStatus(cause.status, place);
  if (name === "OAUTH_TIMEOUT" || name === "OAUTH_ABORT") return { kind: "down", detail: "no answer in time" };
  if (name !== undefined && unreadable.has(name)) return { kind: "down", detail: code(name) };
  return { kind: "refused", detail: code(name ?? "unexpected answer") };
}

/**
 * Without a body that OAuth knows: what stands before a provider answers so too, such as 404 while it is replaced. At the
 * token endpoint 401 is about the client alone.
 */
function ofStatus(status: number, place: AskedPlace): ProviderTrouble {
  const isNo = status === 403 || (status === 401 && place === "userinfo");
  return { kind: isNo ? "gone" : "down", detail: `status ${status}` };
}

function isBusy(status: number): boolean {
  return status >= 500 || status === 408 || status === 429;
}

/** A word of the provider, as far as it can be a code. */
function code(word: string): string {
  return word.slice(0, 60).replaceAll(/[^\w ]/g, "_");
}
