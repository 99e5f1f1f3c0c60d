import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText } from "#config/shapes/text.ts";

export interface NamedCertificateInput {
  readonly certificate: Located<string> | undefined;
  readonly key: SecretSource | undefined;
  readonly pfx: SecretSource | undefined;
  readonly password: SecretSource | undefined;
}

export const namedCertificateShape: ObjectShape<NamedCertificateInput> = object<NamedCertificateInput>(
  "a certificate",
  {
    certificate: {
      shape: located(anyText),
      about: "PEM file with the certificate, and those that lead to its authority.",
    },
    key: { shape: secret, about: "Its private key, PEM. Without one nobody can be shown it." },
    pfx: {
      shape: secret,
      about:
        "Certificate and key as PKCS#12 (.pfx, .p12) or PEM: a file, a vault's secret, or base64 from the environment.",
    },
    password: { shape: secret, about: "Password of pfx or of key; empty when absent." },
  },
);
