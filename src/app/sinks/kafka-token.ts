import type { Connection } from "#model/connection.ts";
import type { Clock, Egress } from "#model/ports.ts";
import { Secret } from "#model/secret.ts";
import type { KafkaTarget } from "#model/sinks.ts";
import { fetchConnectionToken } from "#upstream/connection-token/connection-token.ts";
import { TokenCache } from "#upstream/managed-identity/token-cache.ts";

/** Bearer tokens to log in to brokers with, asked for as those of connections are. */
export function kafkaToken(
  { login }: KafkaTarget,
  { egress, clock }: { readonly egress: Egress; readonly clock: Clock },
): () => string | Promise<string> {
  if (login === null || !("tokenUrl" in login)) return () => "";
  const { tokenUrl, clientId, clientSecret, scopes } = login;
  const connection: Connection = {
    provider: "sinks",
    name: "kafka",
    tokenUrl,
    clientId,
    client: { kind: "secret", secret: new Secret("the sink", clientSecret.value), in: "header" },
    grant: "client-credentials",
    actor: "none",
    scopes,
    parameters: {},
    users: [],
  };
  const tokens = new TokenCache(() => fetchConnectionToken(connection, null, egress, clock), clock);
  return () => tokens.token(tokenUrl, clientId);
}
