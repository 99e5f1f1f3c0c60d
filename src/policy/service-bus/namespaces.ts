import type { ServiceBusNamespace, SharedAccessKey } from "#model/messaging.ts";
import { expressionFailed } from "#policy/failure.ts";

export interface Destination {
  /** Without a slash at its end. */
  readonly url: string;
  /** It stands in the definition; else `egress.allow` must match it. */
  readonly declared: boolean;
  readonly key: SharedAccessKey | null;
}

const host = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$/;
/** Of Azure's clouds: a token for Service Bus is shown to nobody else on the word of an expression. */
const ofAzure = /\.servicebus\.(?:windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)$/i;

/**
 * The namespace that is called so.
 * @param written it stands in the definition as it is
 * @throws GatewayError `expression-failed`
 */
export function namespaceFor(name: string, written: boolean, declared: readonly ServiceBusNamespace[]): Destination {
  const wanted = name.toLowerCase();
  const known = declared.find((one) => one.name.toLowerCase() === wanted || URL.parse(one.url)?.host === wanted);
  if (known !== undefined) return { url: known.url, declared: true, key: known.key };
  if (!host.test(name) || !(written || ofAzure.test(name))) {
    throw expressionFailed("send-service-bus-message: the namespace is none of Service Bus");
  }
  return { url: `https://${wanted}`, declared: written, key: null };
}
