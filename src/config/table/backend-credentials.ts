import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type TextSource, textOrSecret } from "#config/shapes/secret.ts";
import { text } from "#config/shapes/text.ts";

export interface BackendAuthorizationInput {
  readonly scheme: string | undefined;
  readonly parameter: TextSource | undefined;
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

/** @see RFC 9110 §11.6.2 */
export const backendAuthorizationShape: ObjectShape<BackendAuthorizationInput> = object<BackendAuthorizationInput>(
  "authorization",
  {
    scheme: { shape: scheme, about: "Basic, Bearer or another scheme.", required: true },
    parameter: {
      shape: textOrSecret,
      about: "What follows the scheme; of Basic the encoded user and password.",
      required: true,
    },
  },
);
