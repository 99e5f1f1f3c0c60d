import type { Difference } from "./difference.ts";
import type { Ignored, SeenAnswer } from "./seen-answer.ts";

/** By name and attributes: values are secrets as often as not, and differ by their nature. */
export function compareCookies(old: SeenAnswer, fresh: SeenAnswer, ignored: Ignored): readonly Difference[] {
  if (ignored.headers.has("set-cookie")) return [];
  const [before, now] = [cookiesOf(old), cookiesOf(fresh)];
  const found: Difference[] = [];
  for (const name of new Set([...before.keys(), ...now.keys()])) {
    const [was, is] = [before.get(name), now.get(name)];
    if (is === undefined) found.push({ kind: "cookie-missing", place: name, old: was ?? "", fresh: "" });
    else if (was === undefined) found.push({ kind: "cookie-added", place: name, old: "", fresh: is });
    else if (was !== is) found.push({ kind: "cookie-attributes", place: name, old: was, fresh: is });
  }
  return found;
}

/** Name → attributes in one order; when it ends is a time, and compared as one that is there. */
function cookiesOf({ headers }: SeenAnswer): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (let at = 0; at < headers.length; at += 2) {
    if ((headers[at] as string).toLowerCase() !== "set-cookie") continue;
    const [pair = "", ...attributes] = (headers[at + 1] as string).split(";");
    const name = pair.split("=", 1)[0]?.trim() ?? "";
    cookies.set(name, attributes.map(attributeOf).toSorted().join("; "));
  }
  return cookies;
}

function attributeOf(text: string): string {
  const attribute = text.trim().toLowerCase();
  return attribute.startsWith("expires=") ? "expires" : attribute;
}
