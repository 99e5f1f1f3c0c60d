import type { Connection, ConnectionGrant } from "#model/connection.ts";
import { parseIssuer } from "#config/checks/urls.ts";
import { choice } from "#config/shapes/choice.ts";
import { list } from "#config/shapes/list.ts";
import { object } from "#config/shapes/object.ts";
import { type Named, record } from "#config/shapes/record.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { type Located, located, type Shape } from "#config/shapes/shape.ts";
import { anyText, type Parsed, text } from "#config/shapes/text.ts";

export interface ConnectionInput {
  readonly tokenUrl: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: SecretSource | undefined;
  readonly credentialsIn: "body" | "header";
  readonly clientKey: SecretSource | undefined;
  readonly clientKeyId: string | undefined;
  readonly clientCertificate: Located<string> | undefined;
  readonly clientAuthentication: "tls_client_auth" | "private_key_jwt";
  readonly grant: ConnectionGrant;
  readonly actor: Connection["actor"];
  readonly scopes: readonly string[];
  readonly audience: string | undefined;
  readonly resource: string | undefined;
  readonly users: readonly string[];
}

/** By credential provider, then by name. */
export type ConnectionsInput = readonly Named<readonly Named<ConnectionInput>[]>[];

const connectionShape = object<ConnectionInput>("a connection", {
  tokenUrl: {
    shape: text("a URL", parseIssuer),
    about: "Where its authorization server gives tokens.",
    required: true,
  },
  clientId: { shape: anyText, about: "Client that this gateway is there.", required: true },
  clientSecret: { shape: secret, about: "The client's secret; or clientKey, or clientCertificate." },
  credentialsIn: {
    shape: choice(["body", "header"]),
    about: "Where the token endpoint wants them: in the form, or in Authorization.",
    default: "body",
  },
  clientKey: { shape: secret, about: "Its private key, PEM: the client signs who it is (private_key_jwt, RFC 7523)." },
  clientKeyId: { shape: anyText, about: "kid of clientKey at the authorization server, where it knows several." },
  clientCertificate: {
    shape: located(anyText),
    about: "Certificate of certificates: that proves who the client is.",
  },
  clientAuthentication: {
    shape: choice(["tls_client_auth", "private_key_jwt"]),
    about: "How: shown over TLS (RFC 8705), or its key signs, as Entra ID has it.",
    default: "tls_client_auth",
  },
  grant: {
    shape: choice<ConnectionGrant>(["client-credentials", "token-exchange", "on-behalf-of"]),
    about:
      "What its tokens are given for: the client itself; the caller's token, exchanged (RFC 8693); the same as Entra ID has it.",
    default: "client-credentials",
  },
  actor: {
    shape: choice<Connection["actor"]>(["none", "client", "caller"]),
    about:
      "Whose token goes along with a token-exchange, as that of whoever acts. client: the gateway's own; caller: the one that came in identity.actorHeader, if one did.",
    default: "none",
  },
  scopes: { shape: list(anyText), about: "Scopes of the tokens.", default: [] },
  audience: { shape: anyText, about: "Parameter that some authorization servers ask for." },
  resource: { shape: anyText, about: "Parameter that some authorization servers ask for (RFC 8707)." },
  users: {
    shape: list(text("the id of a principal", parsePrincipalId)),
    about:
      "Ids of principals (issuer|tenant|subject) that get-authorization-context may use it for by identityType jwt.",
    default: [],
  },
});

function parsePrincipalId(id: string): Parsed<string> {
  if (/^[^|]+\|[^|]*\|.+$/.test(id)) return { value: id };
  return { problem: `${id} is not the id of a principal`, fix: "write issuer|tenant|subject, as records have it" };
}

export const connectionsShape: Shape<ConnectionsInput> = record("providers", record("connections", connectionShape));
