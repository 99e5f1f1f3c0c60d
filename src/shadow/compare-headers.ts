import type { Difference } from "./difference.ts";
import type { Ignored, SeenAnswer } from "./seen-answer.ts";

/**
 * Of the connection, or of this very answer: two answers that say the same differ in them. The body's length and coding
 * are compared with the body.
 *
 * @see RFC 9110 §7.6.1
 */
const ofTheAnswer: ReadonlySet<string> = new Set([
  "age",
  "alt-svc",
  "connection",
  "content-encoding",
  "content-length",
  "date",
  "keep-alive",
  "location",
  "proxy-connection",
  "server",
  "server-timing",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "via",
  "x-request-id",
  "x-correlation-id",
  "traceparent",
  "tracestate",
  "request-context",
]);

/** Values of these say how something is sent, and nothing of whom or what about; every other one could be a secret. */
const told: ReadonlySet<string> = new Set([
  "accept-ranges",
  "access-control-allow-credentials",
  "access-control-allow-headers",
  "access-control-allow-methods",
  "allow",
  "cache-control",
  "content-language",
  "content-type",
  "strict-transport-security",
  "content-disposition",
  "referrer-policy",
  "vary",
  "x-content-type-options",
  "x-frame-options",
]);
/** Their members have no order, and no case. */
const unordered: ReadonlySet<string> = new Set([
  "vary",
  "allow",
  "access-control-allow-methods",
  "access-control-allow-headers",
  "access-control-expose-headers",
]);
const longest = 120;

export function compareHeaders(old: SeenAnswer, fresh: SeenAnswer, ignored: Ignored): readonly Difference[] {
  const [before, now] = [fieldsOf(old, ignored), fieldsOf(fresh, ignored)];
  const found: Difference[] = [];
  for (const name of new Set([...before.keys(), ...now.keys()])) {
    const [was, is] = [before.get(name), now.get(name)];
    if (is === undefined) found.push({ kind: "header-missing", place: name, old: shown(name, was), fresh: "" });
    else if (was === undefined) found.push({ kind: "header-added", place: name, old: "", fresh: shown(name, is) });
    else {
      const kind = kindOf(name, was, is);
      const isCount = kind === "header-count";
      const tell = (values: readonly string[]): string => (isCount ? `${values.length} times` : shown(name, values));
      if (kind !== null) found.push({ kind, place: name, old: tell(was), fresh: tell(is) });
    }
  }
  return found;
}

function fieldsOf({ headers }: SeenAnswer, ignored: Ignored): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>();
  for (let at = 0; at < headers.length; at += 2) {
    const name = (headers[at] as string).toLowerCase();
    if (ofTheAnswer.has(name) || name === "set-cookie" || ignored.headers.has(name)) continue;
    const values = fields.get(name) ?? [];
    if (values.length === 0) fields.set(name, values);
    values.push((headers[at + 1] as string).trim());
  }
  return fields;
}

/** Null: they say the same, as often. */
function kindOf(name: string, was: readonly string[], is: readonly string[]): Difference["kind"] | null {
  const [before, now] = [canonical(name, was), canonical(name, is)];
  if (before !== now) return before.toLowerCase() === now.toLowerCase() ? "header-case" : "header-value";
  return was.length === is.length || unordered.has(name) ? null : "header-count";
}

/** One line with commas says what several lines say (RFC 9110 §5.3); blanks say nothing, nor does the order of a set. */
function canonical(name: string, values: readonly string[]): string {
  const members = values.flatMap((value) => value.split(",")).map((member) => member.trim());
  const said = unordered.has(name) ? members.map((member) => member.toLowerCase()).toSorted() : members;
  return said.join(",").replaceAll(/\s*;\s*/g, ";");
}

/** Outcomes end up in logs of CI and in reports, where more people read them than the answers were for. */
function shown(name: string, values: readonly string[] | undefined): string {
  const text = values?.join(", ") ?? "";
  if (!told.has(name)) return "";
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
