/** Trees in the form of OTLP's JSON. @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export type KeyValue = { readonly key: string; readonly value: Readonly<Record<string, unknown>> };

type Plain = string | number | boolean | undefined;

/** What is undefined is left out. */
export function attributesOf(all: Readonly<Record<string, Plain>>): readonly KeyValue[] {
  const list: KeyValue[] = [];
  for (const key of Object.keys(all)) {
    const value = all[key];
    if (value !== undefined) list.push({ key, value: valueOf(value) });
  }
  return list;
}

function valueOf(value: string | number | boolean): KeyValue["value"] {
  if (typeof value === "string") return { stringValue: value.toWellFormed() };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isSafeInteger(value) && value >= 0 ? { intValue: String(value) } : { doubleValue: value };
}

/** Milliseconds since the epoch as nanoseconds: more than a number holds exactly, therefore text. */
export function nanos(ms: number): string {
  const micros = Math.round(ms * 1000);
  return `${micros}000`;
}
