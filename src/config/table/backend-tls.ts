import { parseExactHost } from "#config/checks/host.ts";
import { choice } from "#config/shapes/choice.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface BackendTlsInput {
  readonly certificate: Located<string> | undefined;
  readonly key: SecretSource | undefined;
  readonly clientCertificate: Located<string> | undefined;
  readonly serverName: string | undefined;
  readonly minVersion: "1.2" | "1.3";
}

export const backendTlsShape: ObjectShape<BackendTlsInput> = object<BackendTlsInput>("backend.tls", {
  certificate: {
    shape: located(anyText),
    about: "PEM file with the client certificate (mTLS) and its chain; with key.",
  },
  key: { shape: secret, about: "Its private key, PEM." },
  clientCertificate: {
    shape: located(anyText),
    about: "Name of a certificate of certificates to show, instead of certificate and key.",
  },
  serverName: {
    shape: text("a host name", parseExactHost),
    about: "Name for SNI, and that the backend's certificate must be for; the URL's host when absent.",
  },
  minVersion: { shape: choice(["1.2", "1.3"]), about: "Oldest TLS version that is spoken.", default: "1.2" },
});
