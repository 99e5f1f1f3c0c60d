import { format, type Schema, Validator } from "@cfworker/json-schema";
import { RE2JS } from "re2js";
import { type DescribedSchema, patternFormat } from "#model/operation-description.ts";

/** What a value is wrong in; undefined when it is right. */
export type SchemaCheck = (value: unknown) => string | undefined;

/** Formats that are held to; all others say nothing. The library has some whose patterns are not linear. */
const kept: ReadonlySet<string> = new Set(["date", "time", "date-time", "duration", "email", "ipv4", "uuid", "byte"]);
const base64 = /^[A-Za-z0-9+/\r\n]*={0,2}$/;

for (const name of Object.keys(format)) if (!kept.has(name)) delete format[name];
format["byte"] = (text) => base64.test(text);
format["uri"] = URL.canParse;
format["int32"] = () => true;

/** Same schemas are the same objects after linking, so each is made ready once. */
const compiled = new WeakMap<DescribedSchema, SchemaCheck>();

/** Interpreted, never made into code. Names in what it says are the schema's; values are not told. */
export function compileSchema(described: DescribedSchema): SchemaCheck {
  let check = compiled.get(described);
  if (check === undefined) compiled.set(described, (check = compile(described)));
  return check;
}

function compile({ schema, draft }: DescribedSchema): SchemaCheck {
  addPatterns(schema);
  // The library notes in the schema what its references mean, and a snapshot is frozen.
  const validator = new Validator(structuredClone(schema) as Schema, draft, true);
  return (value) => {
    const { valid, errors } = validator.validate(value);
    if (valid) return undefined;
    // The innermost is what is wrong; those around it only say that something inside is.
    const { instanceLocation, keyword } = errors.at(-1) ?? { instanceLocation: "#", keyword: "schema" };
    return `${instanceLocation.slice(0, 200)} does not fit ${keyword}.`;
  };
}

/** Patterns meet what clients send: they run in linear time. */
function addPatterns(part: unknown): void {
  if (typeof part !== "object" || part === null) return;
  const { format: name } = part as { readonly format?: unknown };
  if (typeof name === "string" && name.startsWith(patternFormat) && !Object.hasOwn(format, name)) {
    const pattern = RE2JS.compile(name.slice(patternFormat.length));
    format[name] = (text) => pattern.matcher(text).find();
  }
  for (const inner of Object.values(part)) addPatterns(inner);
}
