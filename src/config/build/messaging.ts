import type { Messaging, ServiceBusNamespace } from "#model/messaging.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { RootInput } from "#config/table/root.ts";
import type { ServiceBusInput } from "#config/table/service-bus.ts";
import { marked } from "./marked.ts";

export function buildMessaging({ dapr, serviceBus }: RootInput, resources: Resources, problems: Problems): Messaging {
  return {
    daprUrl: dapr?.url ?? null,
    serviceBus: serviceBus.map((namespace) => buildNamespace(namespace, resources, problems)),
  };
}

function buildNamespace(
  { name, at, value: { url, keyName, key } }: Named<ServiceBusInput>,
  { secrets }: Resources,
  problems: Problems,
): ServiceBusNamespace {
  if ((keyName === undefined) !== (key === undefined)) {
    const fix = "give both keyName and key, or none of them to use the gateway's own identity";
    problems.error("value-invalid", at, `${name} has only half of a shared access policy`, fix);
  }
  const found = key === undefined ? undefined : secrets.get(key);
  return {
    name,
    url: url ?? `https://${name}`,
    key: found === undefined ? null : { name: keyName ?? "", ...marked(found) },
  };
}
