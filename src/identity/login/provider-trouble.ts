import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from "openid-client";
import { GatewayError } from "#model/errors.ts";

/**
 * What a failure of a provider means for a person's session:
 * `gone`: it does not know them any more, or takes back what it gave; `down`: it could not be asked, so nothing is known;
 * `refused`: it said no, or said something that must not be believed.
 */
export type TroubleKind = "gone" | "down" | "refused";

export interface ProviderTrouble {
  readonly kind: TroubleKind;
  /** Codes only, no words of the provider and nothing secret. */
  readonly detail: string;
}

export function providerTrouble(error: unknown): ProviderTrouble {
  if (error instanceof ResponseBodyError) return ofBody(error);
  if (error instanceof WWWAuthenticateChallengeError) return ofChallenge(error);
  if (error instanceof AuthorizationResponseError) return { kind: "refused", detail: code(error.error) };
  if (error instanceof GatewayError) return { kind: "down", detail: error.code };
  if (error instanceof ClientError) return ofClient(error);
  return { kind: "refused", detail: "unexpected answer" };
}

function ofBody({ error, status }: ResponseBodyError): ProviderTrouble {
  if (status >= 500) return { kind: "down", detail: `status ${status}` };
  return { kind: error === "invalid_grant" || error === "invalid_token" ? "gone" : "refused", detail: code(error) };
}

/** The userinfo endpoint takes the token for none: RFC 6750 §3.1. */
function ofChallenge({ status }: WWWAuthenticateChallengeError): ProviderTrouble {
  return { kind: status === 401 || status === 403 ? "gone" : "refused", detail: `status ${status}` };
}

function ofClient({ code: name, cause }: ClientError): ProviderTrouble {
  if (cause instanceof GatewayError) return { kind: "down", detail: cause.code };
  if (cause instanceof Response && cause.status >= 500) return { kind: "down", detail: `status ${cause.status}` };
  if (name === "OAUTH_TIMEOUT" || name === "OAUTH_ABORT") return { kind: "down", detail: "no answer in time" };
  return { kind: "refused", detail: code(name ?? "unexpected answer") };
}

/** A word of the provider, as far as it can be a code. */
function code(word: string): string {
  return word.slice(0, 60).replaceAll(/[^\w ]/g, "_");
}
