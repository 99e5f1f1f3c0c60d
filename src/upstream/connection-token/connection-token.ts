import { Buffer } from "node:buffer";
import type { Connection } from "#model/connection.ts";
import { GatewayError } from "#model/errors.ts";
import type { IdentityToken } from "#model/managed-identity.ts";
import type { Clock, Egress, EgressResponse } from "#model/ports.ts";
import { errorCodeIn, readTokenAnswer } from "#upstream/managed-identity/token-answer.ts";
import { actorsIn } from "./actors.ts";
import { proveClient } from "./client-authentication.ts";

const timeoutMs = 10_000;
const maxBytes = 262_144;
const fields = ["Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json"];

/** What is exchanged. */
export interface Exchanged {
  /** The caller's access token. */
  readonly subject: string;
  /** An access token of whoever acts for the caller; null: the client that asks does, without a word. */
  readonly actor: string | null;
}

/** What an authorization server answers when it is the caller's token that it does not take. RFC 8693 §2.2.2 */
const aboutTheCaller: ReadonlySet<string> = new Set([
  "invalid_grant",
  "invalid_request",
  "access_denied",
  "interaction_required",
  "consent_required",
  "login_required",
]);

/**
 * A token of a connection: for the client's credentials, or for a caller's token.
 * @see RFC 6749 §4.4.2, RFC 8693 §2.1
 * @throws GatewayError `connection-failed`, `exchange-refused`
 */
export async function fetchConnectionToken(
  connection: Connection,
  exchanged: Exchanged | null,
  egress: Egress,
  clock: Pick<Clock, "now">,
): Promise<IdentityToken> {
  const { tokenUrl, scopes, parameters, provider, name } = connection;
  const proof = proveClient(connection, clock);
  const form = new URLSearchParams({
    ...parameters,
    ...(exchanged === null ? { grant_type: "client_credentials" } : exchangeForm(connection, exchanged)),
    ...proof.form,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
  });
  const failed = (message: string, cause?: unknown): GatewayError =>
    connectionFailed(`${provider}/${name}: ${message}`, cause);
  const request = {
    url: tokenUrl,
    method: "POST",
    headers: [...fields, ...proof.headers],
    body: Buffer.from(form.toString()),
    ...(proof.certificate === undefined ? {} : { certificate: proof.certificate }),
  };
  const response = await egress.fetch({ ...request, timeoutMs, maxBytes, declared: true }).catch((cause: unknown) => {
    throw failed("its token endpoint cannot be reached", cause);
  });
  if (exchanged === null) return readTokenAnswer("its token endpoint", response, clock.now(), failed);
  checkRefused(connection, response);
  const token = readTokenAnswer("its token endpoint", response, clock.now(), failed);
  return { ...token, actors: actorsIn(token.token) };
}

const accessToken = "urn:ietf:params:oauth:token-type:access_token";

function exchangeForm({ grant }: Connection, { subject, actor }: Exchanged): Readonly<Record<string, string>> {
  if (grant === "on-behalf-of") {
    return {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      requested_token_use: "on_behalf_of",
      assertion: subject,
    };
  }
  return {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token: subject,
    subject_token_type: accessToken,
    requested_token_type: accessToken,
    ...(actor === null ? {} : { actor_token: actor, actor_token_type: accessToken }),
  };
}

/** It is the caller who cannot go there: no fault of the gateway's. */
function checkRefused({ provider, name }: Connection, { status, body }: EgressResponse): void {
  if (status < 400 || status > 403) return;
  const code = errorCodeIn(body);
  if (code === undefined || !aboutTheCaller.has(code)) return;
  const message = `connection ${provider}/${name}: its token endpoint exchanges no token of this caller (${code})`;
  throw new GatewayError("exchange-refused", 403, message, { source: "idp" });
}

/** `message` holds no secret and no token. */
export function connectionFailed(message: string, cause?: unknown): GatewayError {
  return new GatewayError("connection-failed", 500, `connection ${message}`, { source: "idp", retryable: true, cause });
}
