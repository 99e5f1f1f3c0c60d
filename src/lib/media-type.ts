import { lookup } from "mrmime";

/** Types that are text without saying so in their first word. */
const textual: ReadonlySet<string> = new Set(["application/json", "application/xml", "image/svg+xml"]);

/** Content-Type by the name's extension, with the charset of text; undefined when the extension is not known. */
export function mediaTypeOf(name: string): string | undefined {
  const type = lookup(name);
  if (type === undefined) return undefined;
  return type.startsWith("text/") || textual.has(type) ? `${type}; charset=utf-8` : type;
}
