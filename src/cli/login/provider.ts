import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import * as openid from "openid-client";
import { problem } from "#cli/failure.ts";
import { unreachable } from "./gateway-settings.ts";
import { LoginFailure, oneLine } from "./login-failure.ts";
import { checkedUrl, isThisMachine, type LoginTarget } from "./login-target.ts";

/** What a provider has given. */
export type TokenAnswer = openid.TokenEndpointResponse & openid.TokenEndpointResponseHelpers;

const timeoutSeconds = 15;

/** Trusts the authorities of this file as well, in all of this process. */
export function trustAlso(ca: string | null): void {
  if (ca === null) return;
  try {
    setDefaultCACertificates([...getCACertificates("default"), readFileSync(ca, "utf8")]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const fix = "name a PEM file of certificates: --ca <file>";
    throw new LoginFailure(problem(`${ca} cannot be used: ${oneLine(why)}`, "certificate-unusable", fix));
  }
}

/** A command line keeps no secret, so it is a public client. @see RFC 8252 §8.5 */
export async function findProvider({ issuer, clientId }: LoginTarget): Promise<openid.Configuration> {
  const url = checkedUrl(issuer, "a provider");
  const options = {
    timeout: timeoutSeconds,
    ...(isThisMachine(url) && url.protocol === "http:" ? { execute: [openid.allowInsecureRequests] } : {}),
  };
  try {
    return await openid.discovery(new URL(issuer), clientId, undefined, openid.None(), options);
  } catch (error) {
    if (error instanceof TypeError) throw unreachable(issuer, error);
    throw providerFailed(issuer, error);
  }
}

/** `error` is what RFC 6749 §5.2 calls so, where the provider said it. */
export function errorCodeOf(error: unknown): string | undefined {
  if (error instanceof openid.ResponseBodyError || error instanceof openid.AuthorizationResponseError)
    return error.error;
  return undefined;
}

export function providerFailed(issuer: string, error: unknown): LoginFailure {
  const described =
    error instanceof openid.ResponseBodyError || error instanceof openid.AuthorizationResponseError
      ? `${error.error}${error.error_description === undefined ? "" : `: ${error.error_description}`}`
      : error instanceof Error
        ? `${error.message}${error.cause instanceof Error ? `: ${error.cause.message}` : ""}`
        : String(error);
  const fix = "is the client known there, as a public one, with this way to log in?";
  return new LoginFailure(problem(`${issuer} does not log in: ${oneLine(described)}`, "login-refused", fix));
}

/** What tokens are for, as request parameters. */
export function targetParameters({ resource, audience }: LoginTarget): Record<string, string> {
  return { ...(resource === null ? {} : { resource }), ...(audience === null ? {} : { audience }) };
}
