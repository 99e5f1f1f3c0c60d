import { GatewayError } from "#model/errors.ts";
import { isFieldValue, isToken } from "#wire/characters.ts";
import { isBlank } from "#wire/http2/sound-field.ts";

/** Names that responses have had, in lower case; those beyond are looked at each time. */
const mostNames = 512;
const known = new Map<string, string>();

/**
 * The list as HTTP/2 has it: names in lower case, values without blanks around them. In place.
 *
 * @param fields flat
 * @param from behind the pseudo-header fields
 * @throws GatewayError `internal` for what no field may hold
 */
export function prepareFields(fields: string[], from: number): string[] {
  for (let at = from; at + 1 < fields.length; at += 2) {
    const name = fields[at] as string;
    fields[at] = known.get(name) ?? nameOf(name);
    fields[at + 1] = valueOf(fields[at + 1] as string);
  }
  return fields;
}

function nameOf(name: string): string {
  if (!isToken(name)) throw unwritable();
  const lower = name.toLowerCase();
  if (known.size < mostNames) known.set(name, lower);
  return lower;
}

function valueOf(value: string): string {
  if (!isFieldValue(value)) throw unwritable();
  const isTrim = !isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(value.length - 1));
  return isTrim ? value : value.replace(/^[ \t]+|[ \t]+$/g, "");
}

/** The field's text is not in the message: it may be a secret. */
function unwritable(): GatewayError {
  return new GatewayError("internal", 500, "a field of the response holds characters that HTTP/2 cannot carry");
}
