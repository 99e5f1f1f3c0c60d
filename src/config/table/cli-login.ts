import { list } from "#config/shapes/list.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText } from "#config/shapes/text.ts";

export interface CliLoginInput {
  readonly provider: Located<string> | undefined;
  readonly clientId: string | undefined;
  readonly scopes: readonly string[];
  readonly resource: string | undefined;
  readonly audience: string | undefined;
  readonly prompt: string | undefined;
}

export const cliLoginShape: ObjectShape<CliLoginInput> = object<CliLoginInput>("cli", {
  provider: {
    shape: located(anyText),
    about: "Provider of identity.providers that people log in with.",
    required: true,
  },
  clientId: {
    shape: anyText,
    about: "Public client there, for native applications: device flow, or a redirect to http://127.0.0.1.",
    required: true,
  },
  scopes: {
    shape: list(anyText),
    about: "What is asked for; offline_access, so that a login lasts.",
    default: ["openid", "offline_access"],
  },
  resource: { shape: anyText, about: "What the tokens are for (RFC 8707): an audience of the provider." },
  audience: { shape: anyText, about: "The same, for providers that call it so." },
  prompt: {
    shape: anyText,
    about: "OpenID Connect prompt, such as consent where a provider gives no refresh token without.",
  },
});
