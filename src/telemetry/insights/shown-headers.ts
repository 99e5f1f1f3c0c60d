import type { DiagnosedMessage, Masking } from "#model/diagnostics.ts";
import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import { redactedMark } from "#model/redaction.ts";

/** Whoever reads telemetry could use them: their values are shown to nobody, whatever a diagnostic says. */
const credentials: ReadonlySet<string> = new Set([
  "api-key",
  "authorization",
  "cookie",
  "dpop",
  "ocp-apim-subscription-key",
  "proxy-authorization",
  "set-cookie",
  "x-api-key",
  "x-amz-security-token",
  "x-functions-key",
  "x-zumo-auth",
]);

export const masked = "***";
const longest = 2048;

export type Properties = Record<string, string>;
/** Takes credentials out of a text, and what the definition wants to be kept out. */
export type Clean = (text: string, exchange: Exchange) => string;

/** Adds the fields that a diagnostic names to properties, each as `Request-Name`. */
export function addHeaders(
  properties: Properties,
  prefix: "Request" | "Response",
  headers: HeaderList,
  wanted: DiagnosedMessage,
  exchange: Exchange,
  clean: Clean,
): void {
  for (const name of wanted.headers) {
    const lower = name.toLowerCase();
    const value = headers.joined(lower);
    const mode = modeOf(lower, wanted.maskedHeaders);
    if (value === undefined || mode === "Hide") continue;
    const hidden = isSecret(lower, exchange) ? redactedMark : mode === "Mask" ? masked : undefined;
    properties[`${prefix}-${name}`] = hidden ?? clean(withoutParameters(value, exchange), exchange).slice(0, longest);
  }
}

function isSecret(lower: string, { api, redaction }: Exchange): boolean {
  if (credentials.has(lower) || lower === api?.subscriptionKey.header.toLowerCase()) return true;
  return redaction?.rules.headers.includes(lower) === true;
}

/** `Location` and `Referer` are addresses, and have parameters as the request's own has. */
function withoutParameters(value: string, exchange: Exchange): string {
  const at = value.search(/[?#]/);
  if (at < 0) return value;
  const parameters = exchange.redaction?.query(value.slice(at + 1), exchange) ?? redactedMark;
  return value.slice(0, at + 1) + parameters;
}

function modeOf(lower: string, masking: readonly Masking[]): Masking["mode"] | undefined {
  return masking.find(({ name }) => name === lower)?.mode;
}

/** A query with its `?`, or nothing. Names are compared as they stand and as an upstream reads them. */
export function shownQuery(query: string, masking: readonly Masking[], exchange: Exchange): string {
  if (query === "") return "";
  // Nobody knows what is in it.
  if (exchange.redaction === null) return `?${redactedMark}`;
  const clean = exchange.redaction.query(query, exchange);
  const parts = masking.length === 0 ? [clean] : clean.split("&").flatMap((part) => maskedPart(part, masking));
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

function maskedPart(part: string, masking: readonly Masking[]): readonly string[] {
  const at = part.indexOf("=");
  const name = at < 0 ? part : part.slice(0, at);
  const mode = modeOf(name.toLowerCase(), masking) ?? modeOf(decoded(name).toLowerCase(), masking);
  if (mode === undefined) return [part];
  return mode === "Hide" ? [] : [`${name}=${masked}`];
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll("+", " ")).trim();
  } catch {
    return name;
  }
}
