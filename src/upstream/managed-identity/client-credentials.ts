import { Buffer } from "node:buffer";
import type { Connection } from "#model/connection.ts";
import { GatewayError } from "#model/errors.ts";
import type { IdentityToken } from "#model/managed-identity.ts";
import type { Clock, Egress } from "#model/ports.ts";
import { readTokenAnswer } from "./token-answer.ts";

const timeoutMs = 10_000;
const maxBytes = 262_144;
const fields = ["Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json"];

/**
 * A token of a connection, for the client's credentials.
 * @see RFC 6749 §2.3.1, §4.4.2
 * @throws GatewayError `connection-failed`
 */
export async function fetchConnectionToken(
  connection: Connection,
  egress: Egress,
  clock: Pick<Clock, "now">,
): Promise<IdentityToken> {
  const { tokenUrl, clientId, clientSecret, credentialsIn, scopes, parameters } = connection;
  const secret = clientSecret.reveal();
  const inBody = credentialsIn === "body";
  const form = new URLSearchParams({
    ...parameters,
    grant_type: "client_credentials",
    ...(inBody ? { client_id: clientId, client_secret: secret } : {}),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
  });
  const who = `${connection.provider}/${connection.name}`;
  const failed = (message: string, cause?: unknown): GatewayError => connectionFailed(`${who}: ${message}`, cause);
  const request = {
    url: tokenUrl,
    method: "POST",
    headers: inBody ? fields : [...fields, "Authorization", basic(clientId, secret)],
    body: Buffer.from(form.toString()),
  };
  const response = await egress.fetch({ ...request, timeoutMs, maxBytes, declared: true }).catch((cause: unknown) => {
    throw failed("its token endpoint cannot be reached", cause);
  });
  return readTokenAnswer("its token endpoint", response, clock.now(), failed);
}

/** Both are form-encoded before they are joined. */
function basic(clientId: string, secret: string): string {
  const [id, password] = [clientId, secret].map((text) => new URLSearchParams({ x: text }).toString().slice(2));
  return `Basic ${Buffer.from(`${id}:${password}`).toString("base64")}`;
}

/** `message` holds no secret and no token. */
export function connectionFailed(message: string, cause?: unknown): GatewayError {
  return new GatewayError("connection-failed", 500, `connection ${message}`, { source: "idp", retryable: true, cause });
}
