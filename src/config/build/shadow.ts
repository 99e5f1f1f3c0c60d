import type { ShadowSettings } from "#model/shadow.ts";
import type { ShadowInput } from "#config/table/shadow.ts";

/** What says who calls, besides the key of a subscription. */
const credentials = ["authorization", "proxy-authorization", "cookie", "dpop", "x-api-key"];

/** What an API says of an old gateway; nothing where it says nothing. */
export function buildShadow(
  shadow: ShadowInput | undefined,
  key: { readonly header: string; readonly query: string },
): { readonly shadow?: ShadowSettings } {
  if (shadow?.to === undefined) return {};
  const withholds = shadow.credentials !== "as-sent";
  return {
    shadow: {
      to: shadow.to,
      sample: shadow.sample,
      methods: shadow.methods,
      withheldFields: withholds ? [...credentials, key.header.toLowerCase()] : [],
      withheldParameters: withholds ? [key.query] : [],
      bodyBytes: shadow.bodyBytes,
      ignoredFields: shadow.ignoreHeaders.map((name) => name.toLowerCase()),
      ignoredPointers: shadow.ignoreFields,
      timeoutMs: shadow.timeout,
      concurrency: shadow.concurrency,
    },
  };
}
