import { parseServiceUrl } from "#config/checks/urls.ts";
import { object } from "#config/shapes/object.ts";
import { type Named, record } from "#config/shapes/record.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import type { Shape } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface ServiceBusInput {
  readonly url: string | undefined;
  readonly keyName: string | undefined;
  readonly key: SecretSource | undefined;
}

const namespaceShape = object<ServiceBusInput>("a namespace of Service Bus", {
  url: {
    shape: text("a URL", (given) => parseServiceUrl(given.replace(/\/$/, ""))),
    about: "Where its REST API is; https:// and the namespace's name when absent.",
  },
  keyName: { shape: anyText, about: "Name of a shared access policy; the gateway's own identity when absent." },
  key: { shape: secret, about: "Key of that policy." },
});

/** By name: that of a policy's `namespace`. */
export const serviceBusShape: Shape<readonly Named<ServiceBusInput>[]> = record("namespaces", namespaceShape);
