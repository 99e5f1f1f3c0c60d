import type { SecretField } from "#model/sinks.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { SecretSource } from "#config/shapes/secret.ts";
import { marked } from "./marked.ts";

const fieldValue = /^[\x21-\x7e](?:[\x20-\x7e]{0,8190}[\x21-\x7e])?$/;

/** Ours, and what the connection is about. */
const ownFields: ReadonlySet<string> = new Set(
  "connection content-encoding content-length content-type host te trailer transfer-encoding upgrade".split(" "),
);

/** Header fields with secrets for values, of what the gateway sends in its own name. */
export function buildSecretFields(
  headers: readonly Named<SecretSource>[],
  { secrets }: Resources,
  problems: Problems,
): readonly SecretField[] {
  return headers.flatMap(({ name, at, value: source }) => {
    if (ownFields.has(name.toLowerCase())) {
      problems.error("value-invalid", at, `the header field ${name} is written by the gateway itself`, "leave it out");
    }
    const secret = secrets.get(source);
    if (secret === undefined) return [];
    if (!fieldValue.test(secret.reveal())) {
      const message = `the value of ${name} from ${secret.origin} cannot stand in a header`;
      problems.error("value-invalid", source.at, message, "use printable ASCII without line ends");
    }
    return [{ name, ...marked(secret) }];
  });
}
