/** Fields as Node's HTTP/2 takes them, by lower-case name. No prototype, so that a field called `__proto__` is only a field. */
export function fieldObject(raw: readonly string[]): Record<string, string[]> {
  const fields = Object.create(null) as Record<string, string[]>;
  for (let at = 0; at < raw.length; at += 2) {
    (fields[(raw[at] as string).toLowerCase()] ??= []).push(raw[at + 1] as string);
  }
  return fields;
}
