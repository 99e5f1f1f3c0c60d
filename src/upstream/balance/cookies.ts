import type { HeaderList } from "#model/header-list.ts";

/** First value of the cookie in any Cookie field, as sent. @see RFC 6265 §4.2, RFC 9113 §8.2.3 (several fields) */
export function cookieOf(headers: HeaderList, name: string): string | undefined {
  const { raw } = headers;
  for (let at = 0; at < raw.length; at += 2) {
    const field = raw[at] as string;
    if (field.length !== 6 || field.toLowerCase() !== "cookie") continue;
    const value = cookieIn(raw[at + 1] as string, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function cookieIn(line: string, name: string): string | undefined {
  let from = 0;
  while (from < line.length) {
    while (line[from] === " " || line[from] === "\t" || line[from] === ";") from += 1;
    const semicolon = line.indexOf(";", from);
    const end = semicolon < 0 ? line.length : semicolon;
    if (line.startsWith(name, from) && line[from + name.length] === "=") {
      return line.slice(from + name.length + 1, end).trim();
    }
    from = end + 1;
  }
  return undefined;
}
