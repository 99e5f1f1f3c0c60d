import { choice } from "#config/shapes/choice.ts";
import { mapOr } from "#config/shapes/map-or.ts";
import { object } from "#config/shapes/object.ts";
import { type TextSource, textOrSecret } from "#config/shapes/secret.ts";
import { type Located, located, type Shape } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";

interface ManagedIdentityInput {
  readonly resource: string | undefined;
  readonly clientId: string | undefined;
}

/** One of: scheme and parameter, username and password, managedIdentity, connection. */
interface ShownInput {
  readonly scheme: string | undefined;
  readonly parameter: TextSource | undefined;
  readonly username: Located<string> | undefined;
  readonly password: TextSource | undefined;
  readonly managedIdentity: ManagedIdentityInput | undefined;
  readonly connection: Located<string> | undefined;
}

export interface BackendAuthorizationInput extends ShownInput {
  /** Instead of all that: what becomes of the client's own. */
  readonly client?: "original" | "none";
}

export const fieldName = {
  pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$",
  fix: "write the name of a header field",
} as const;

export const parameterName = {
  pattern: "^[\\x21-\\x7e]{1,128}$",
  fix: "write the name of a query parameter, not encoded",
} as const;

const scheme = text("a scheme", (value) =>
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/.test(value)
    ? { value }
    : { problem: `${value} is not the name of a scheme`, fix: "write Basic or Bearer" },
);

const userName = text("a user name", (value) =>
  // RFC 7617 §2: the first colon ends it.
  /^[^:\p{Cc}]+$/u.test(value)
    ? { value }
    : { problem: "a user name has neither colons nor control characters", fix: "write the name alone" },
);

const managedIdentityShape = object<ManagedIdentityInput>("managedIdentity", {
  resource: { shape: anyText, about: "Whom the token is for, such as https://storage.azure.com/.", required: true },
  clientId: { shape: anyText, about: "Client id of a user-assigned identity; the system's own when absent." },
});

const shownShape = object<ShownInput>("authorization", {
  scheme: { shape: scheme, about: "Basic, Bearer or another scheme." },
  parameter: { shape: textOrSecret, about: "What follows the scheme; of Basic the encoded user and password." },
  username: { shape: located(userName), about: "User of Basic, with password." },
  password: { shape: textOrSecret, about: "Password of Basic: text, { env: NAME } or { file: path }." },
  managedIdentity: { shape: managedIdentityShape, about: "A token of the gateway's identity in Azure." },
  connection: {
    shape: located(anyText),
    about: "provider/name of a connection: its token, or the caller's own exchanged for one.",
  },
});

/** @see RFC 9110 §11.6.2 */
export const backendAuthorizationShape: Shape<BackendAuthorizationInput> = mapOr<
  BackendAuthorizationInput,
  "original" | "none"
>(shownShape, choice(["original", "none"]), (client) => ({ ...shownShape.empty, client }));
