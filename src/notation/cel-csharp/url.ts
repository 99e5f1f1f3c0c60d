import { Untranslatable } from "./untranslatable.ts";

/** A part of a URL: text that is written out, with its code, or something computed. */
export interface UrlPart {
  readonly code: string;
  /** Null: computed. */
  readonly text: string | null;
  /** CEL of a computed one. */
  readonly source?: string;
}

export type UrlKind = "rewritten" | "called" | "redirect";

/** Arguments that are URLs: a computed part of theirs is a value, and never chooses a host or leaves its place. */
export function urlKind(policy: string, argument: string): UrlKind | undefined {
  if (policy === "rewrite-uri" && argument === "template") return "rewritten";
  if (policy === "set-url" && argument === "url") return "called";
  return policy === "redirect" && argument === "to" ? "redirect" : undefined;
}

/** Whether what is computed says whom to call: nothing like `egress.allow` holds it to anything there. */
export function choosesHost(policy: string, argument: string, parts: readonly UrlPart[]): boolean {
  if (policy === "set-backend-service" && argument === "baseUrl") return true;
  return urlKind(policy, argument) === "called" && !hasWrittenHost(parts);
}

function hasWrittenHost([first]: readonly UrlPart[]): boolean {
  return /^https?:\/\/[^/?#]+[/?]/i.test(first?.text ?? "");
}

const pair = "[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]";
const unreserved = "A-Za-z0-9\\-._~!$&'()*+,;=:@%/";
const halfEncoded = "%(?![0-9A-Fa-f]{2})";

/** Characters that a computed part cannot bring in as they are. In a path `?` and `#` would begin something else. */
function outside(more: "" | "?" | "?#\\[\\]"): string {
  return `${pair}|${halfEncoded}|[^${unreserved}${more}]`;
}

function encoded(code: string, more: "" | "?" | "?#\\[\\]"): string {
  return `Regex.Replace(${code}, @"${outside(more)}", found => Uri.EscapeDataString(found.Value))`;
}

/** The whole expression, with its mark. @throws Untranslatable where a computed part would choose a host */
export function urlExpression(kind: UrlKind, parts: readonly UrlPart[]): string {
  const [only] = parts;
  const isWhole = parts.length === 1 && only?.text === null;
  if (kind === "rewritten")
    return isWhole ? `@(${only.code})` : `@(${concatenated(parts, (code) => `Uri.EscapeDataString(${code})`)})`;
  if (kind === "called") return isWhole ? `@(${only.code})` : called(parts);
  return isWhole ? redirectTo(encoded(only.code, "?#\\[\\]")) : redirected(parts);
}

/** Text that is written out is as it is; what is computed is encoded by where it stands. */
function concatenated(parts: readonly UrlPart[], encode: (code: string, index: number) => string): string {
  return parts.map(({ code, text }, index) => (text === null ? encode(code, index) : code)).join(" + ");
}

function byPlace(parts: readonly UrlPart[]): (code: string, index: number) => string {
  return (code, index) => {
    const inQuery = parts.slice(0, index).some(({ text }) => text?.includes("?") === true);
    return encoded(code, inQuery ? "?" : "");
  };
}

/** `https://host/…`: the written text alone says which host, and `..` reaches no other path of it. */
function called(parts: readonly UrlPart[]): string {
  if (!hasWrittenHost(parts)) return `@(${concatenated(parts, (code) => code)})`;
  return `@{
    var url = ${concatenated(parts, byPlace(parts))};
    if (Regex.IsMatch(url, @"^[^?#]*/(?:\\.|%2[Ee]){1,2}(?=[/?#]|$)")) throw new Exception("The path has a dot-segment.");
    return url;
}`;
}

/** A path on this host, or behind a host that is written out. */
function redirected(parts: readonly UrlPart[]): string {
  const [first, second] = parts;
  const text = first?.text ?? "";
  const encode = byPlace(parts);
  if (/^https?:\/\/[^/?#]+[/?#]/i.test(text)) return `@(${concatenated(parts, encode)})`;
  if (/^https?:\/\/[^/?#]+$/i.test(text) && second !== undefined)
    return behindHost(parts, 1, first?.code ?? "", encode);
  if (/^https?:\/\/$/i.test(text) && second?.source?.trim() === "request.host") {
    const host = `${first?.code} + ${second.code}`;
    return parts.length === 2 ? `@(${host})` : behindHost(parts, 2, host, encode);
  }
  if (first?.text === null || text.startsWith("/")) return redirectTo(concatenated(parts, encode));
  throw new Untranslatable("a computed part of the redirect chooses its host", 0);
}

/** `https://example.com` and a computed `.evil.example` are two hosts away from each other: a slash parts them. */
function behindHost(
  parts: readonly UrlPart[],
  from: number,
  host: string,
  encode: (code: string, index: number) => string,
): string {
  const rest = parts.slice(from).map(({ code, text }, index) => (text === null ? encode(code, index + from) : code));
  return `@{
    var rest = ${rest.join(" + ")};
    return ${host} + (rest == "" || Regex.IsMatch(rest, "^[/?#]") ? rest : "/" + rest);
}`;
}

/** Two slashes at the beginning would be another host. */
function redirectTo(code: string): string {
  return `@{
    var path = ${code};
    if (!path.StartsWith("/", StringComparison.Ordinal)) throw new Exception("The target is no path.");
    return "/" + path.TrimStart('/');
}`;
}
