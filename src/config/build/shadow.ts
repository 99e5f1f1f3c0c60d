import type { ShadowSettings } from "#model/shadow.ts";
import type { Problems } from "#notation/problems.ts";
import { isLoopback } from "#config/checks/urls.ts";
import type { Resources } from "#config/resources.ts";
import type { ShadowInput } from "#config/table/shadow.ts";
import { credentialFields, credentialParameters } from "./caller-credentials.ts";

/** What an API, or an operation, says of an old gateway: null that none is asked; nothing where it says nothing. */
export function buildShadow(
  input: ShadowInput | "off" | undefined,
  key: { readonly header: string; readonly query: string },
  { certificates }: Pick<Resources, "certificates">,
  problems: Problems,
): { readonly shadow?: ShadowSettings | null } {
  if (input === "off") return { shadow: null };
  // What is missing has been reported.
  if (input?.to === undefined || input.credentials === undefined) return {};
  const { to, credentials, host, methods, sample, bodyBytes, timeout, concurrency } = input;
  const { protocol, hostname } = new URL(to);
  const ca = input.ca && certificates.get(input.ca.value);
  const withholds = credentials.value === "none";
  if (!withholds && protocol === "http:" && !isLoopback(hostname)) {
    const message = `callers' tokens, cookies and keys would go to ${to} in clear text`;
    problems.error("value-invalid", credentials.at, message, "use https, or credentials: none");
  }
  return {
    shadow: {
      to,
      ...(ca !== undefined && { ca }),
      host: host ?? (protocol === "http:" ? "preserve" : "upstream"),
      sample,
      methods,
      withheldFields: withholds ? [...credentialFields, key.header.toLowerCase()] : [],
      withheldParameters: withholds ? [...credentialParameters, key.query.toLowerCase()] : [],
      bodyBytes,
      ignoredFields: input.ignoreHeaders.map((name) => name.toLowerCase()),
      ignoredPointers: input.ignoreFields,
      timeoutMs: timeout,
      concurrency,
    },
  };
}
