const shape = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/u;

/**
 * The trace context a client sent, when it is one: at most 55 characters.
 * @see https://www.w3.org/TR/trace-context/#traceparent-header (later versions may append fields after a dash)
 */
export function validTraceparent(value: string | undefined): string | undefined {
  if (value === undefined || value.length < 55 || !shape.test(value)) return undefined;
  if (value.length === 55) return value;
  return value.startsWith("00") ? undefined : value.slice(0, 55);
}
