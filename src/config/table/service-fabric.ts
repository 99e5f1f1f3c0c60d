import { isFabricService } from "#model/fabric-cluster.ts";
import { parseServiceUrl } from "#config/checks/urls.ts";
import { oneOrMore } from "#config/shapes/list.ts";
import { integer } from "#config/shapes/numbers.ts";
import { object } from "#config/shapes/object.ts";
import { type Named, record } from "#config/shapes/record.ts";
import { type Located, located, type Shape } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface FabricInput {
  readonly endpoints: Located<readonly string[]> | undefined;
  readonly service: string | undefined;
  readonly clientCertificate: Located<string> | undefined;
  readonly ca: Located<string> | undefined;
  readonly retries: number;
}

const clusterShape = object<FabricInput>("a cluster of Service Fabric", {
  endpoints: {
    shape: located(oneOrMore(text("a URL", (given) => parseServiceUrl(given.replace(/\/$/, ""))))),
    about: "Where its management API is, such as https://cluster.example:19080; several are asked in turn.",
    required: true,
  },
  service: {
    shape: text("a service", (given) =>
      isFabricService(given)
        ? { value: given }
        : { problem: "this is no service of an application", fix: "write fabric:/application/service" },
    ),
    about: "fabric:/application/service, where a policy does not say which.",
  },
  clientCertificate: { shape: located(anyText), about: "Name of the certificate that it is shown." },
  ca: {
    shape: located(anyText),
    about: "PEM file of the authority of its certificate, where the machine trusts none.",
  },
  retries: { shape: integer(0, 20), about: "How often it is asked again when it gives no answer.", default: 5 },
});

/** By name: that of a policy's `backendId`. */
export const serviceFabricShape: Shape<readonly Named<FabricInput>[]> = record("clusters", clusterShape);
