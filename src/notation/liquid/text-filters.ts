import { escapeXml } from "./escape.ts";
import { type Filter, integer, text } from "./filter.ts";

/** Those over texts, as DotLiquid has them. None of them uses a pattern that takes longer than its input is long. */
export const textFilters: Readonly<Record<string, Filter>> = {
  Append: (value, [more]) => text(value) + text(more),
  Capitalize: (value) => text(value).replaceAll(/\p{L}[\p{L}\p{N}']*/gu, titleCase),
  Downcase: (value) => text(value).toLowerCase(),
  Escape: (value) => escapeXml(text(value)),
  H: (value) => escapeXml(text(value)),
  Lstrip: (value) => text(value).trimStart(),
  NewlineToBr: (value) => text(value).replaceAll(/\r?\n/g, "<br />\n"),
  Prepend: (value, [more]) => text(more) + text(value),
  Remove: (value, [part]) => (text(part) === "" ? text(value) : text(value).replaceAll(text(part), "")),
  RemoveFirst: (value, [part]) => text(value).replace(text(part), ""),
  Replace: (value, [from, to], { charge }) => replaceAll(text(value), text(from), text(to), charge),
  ReplaceFirst: (value, [from, to]) => text(value).replace(text(from), () => text(to)),
  Rstrip: (value) => text(value).trimEnd(),
  Split: (value, [by]) => split(text(value), text(by)),
  Strip: (value) => text(value).trim(),
  StripHtml: (value) => stripHtml(text(value)),
  StripNewlines: (value) => text(value).replaceAll(/\r?\n/g, ""),
  Truncate: (value, [length = 50, end = "..."]) => truncate(text(value), integer(length), text(end)),
  TruncateWords: (value, [words = 15, end = "..."]) => truncateWords(text(value), integer(words), text(end)),
  Upcase: (value) => text(value).toUpperCase(),
  UrlDecode: (value) => decodeUrl(text(value)),
  UrlEncode: (value) => encodeURIComponent(text(value).toWellFormed()).replaceAll("%20", "+"),
};

/** As .NET's TextInfo: a word in capitals is taken for an abbreviation. */
function titleCase(word: string): string {
  return word === word.toUpperCase() ? word : (word[0] as string).toUpperCase() + word.slice(1).toLowerCase();
}

/** A long text in the place of each of many short ones may be more than there is room for. */
function replaceAll(value: string, from: string, to: string, charge: (units: number) => void): string {
  if (from === "") return value;
  const pieces = value.split(from);
  charge(value.length + (pieces.length - 1) * to.length);
  return pieces.join(to);
}

function split(value: string, by: string): readonly string[] {
  return by === "" ? [...value] : value.split(by).filter((part) => part !== "");
}

/** Tags, comments, scripts and styles. A `<` that nothing closes stays. */
function stripHtml(html: string): string {
  let plain = "";
  let at = 0;
  for (let open = html.indexOf("<"); open >= 0; open = html.indexOf("<", at)) {
    const mark = endMark(html, open);
    const end = html.indexOf(mark, open + 1);
    if (end < 0) break;
    plain += html.slice(at, open);
    at = end + mark.length;
  }
  return plain + html.slice(at);
}

function endMark(html: string, open: number): string {
  const start = html.slice(open + 1, open + 8).toLowerCase();
  if (start.startsWith("!--")) return "-->";
  if (start.startsWith("script")) return "</script>";
  return start.startsWith("style") ? "</style>" : ">";
}

function truncate(value: string, length: number, end: string): string {
  return value.length <= length ? value : value.slice(0, Math.max(0, length - end.length)) + end;
}

function truncateWords(value: string, count: number, end: string): string {
  const words = value.split(" ");
  return words.length <= count ? value : words.slice(0, Math.max(1, count)).join(" ") + end;
}

function decodeUrl(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value;
  }
}
