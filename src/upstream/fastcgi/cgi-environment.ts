import { clientScheme } from "#model/client-scheme.ts";
import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { Principal } from "#model/principal.ts";

/** The script that answers, as the application server sees it. */
export interface CgiScript {
  /** Absolute name on the server's side. */
  readonly file: string;
  readonly root: string;
  /** Path of the URL up to and with the script, decoded. */
  readonly name: string;
  /** What follows it, decoded; empty or with a slash at its start. */
  readonly pathInfo: string;
}

/**
 * Variables of the request. @see RFC 3875 §4.1
 * @param contentLength undefined: there is no body
 */
export function cgiEnvironment(
  exchange: Exchange,
  script: CgiScript,
  contentLength: number | undefined,
  extra: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const { facts, request, principal } = exchange;
  const target = request.query === "" ? facts.path : `${facts.path}?${request.query}`;
  const variables = new Map(fieldVariables(request.headers));
  const scheme = clientScheme(facts);
  const set = (name: string, value: string): unknown => variables.set(name, value);
  set("GATEWAY_INTERFACE", "CGI/1.1");
  set("SERVER_SOFTWARE", "sallyport");
  set("SERVER_PROTOCOL", facts.protocol === "HTTP/2" ? "HTTP/2.0" : facts.protocol);
  set("SERVER_NAME", facts.host);
  set("SERVER_PORT", portOf(facts.authority) ?? (scheme === "https" ? "443" : "80"));
  set("REQUEST_METHOD", request.method);
  set("REQUEST_SCHEME", scheme);
  set("REQUEST_URI", target);
  set("QUERY_STRING", request.query);
  set("DOCUMENT_ROOT", script.root);
  set("DOCUMENT_URI", `${script.name}${script.pathInfo}`);
  set("SCRIPT_NAME", script.name);
  set("SCRIPT_FILENAME", script.file);
  set("REMOTE_ADDR", facts.clientAddress);
  set("REMOTE_HOST", facts.clientAddress);
  // PHP built with force-cgi-redirect answers to nobody without it.
  set("REDIRECT_STATUS", "200");
  if (scheme === "https") set("HTTPS", "on");
  if (script.pathInfo !== "") {
    set("PATH_INFO", script.pathInfo);
    set("PATH_TRANSLATED", `${script.root}${script.pathInfo}`);
  }
  // The owner of a key is not thereby who calls.
  const isCaller = principal.kind !== "anonymous" && principal.authMethod !== "subscription-key";
  if (principal.id !== "" && isCaller) set("REMOTE_USER", userOf(principal));
  if (principal.authMethod === "basic") set("AUTH_TYPE", "Basic");
  if (contentLength !== undefined) {
    set("CONTENT_LENGTH", String(contentLength));
    set("CONTENT_TYPE", request.headers.get("content-type") ?? "");
  }
  for (const [name, value] of Object.entries(extra)) set(name, value);
  return variables;
}

/** By a password it is the name that the client gave, as scripts expect it (RFC 3875 §4.1.11); else whoever it is by their provider. */
function userOf({ authMethod, subject, id }: Principal): string {
  return authMethod === "basic" ? subject : id;
}

/**
 * `X-Name` → `HTTP_X_NAME`. Names with `_` would pass for those with `-`, and `Proxy` for the variable that says where
 * the application sends its own requests. @see https://httpoxy.org
 */
function* fieldVariables(headers: HeaderList): Generator<[string, string]> {
  const seen = new Map<string, string>();
  for (let at = 0; at < headers.raw.length; at += 2) {
    const name = (headers.raw[at] as string).toLowerCase();
    if (name === "proxy" || name.startsWith("content-length") || name === "content-type") continue;
    if (!/^[a-z0-9-]+$/.test(name)) continue;
    const before = seen.get(name);
    const value = headers.raw[at + 1] as string;
    seen.set(name, before === undefined ? value : `${before}${name === "cookie" ? "; " : ", "}${value}`);
  }
  for (const [name, value] of seen) yield [`HTTP_${name.toUpperCase().replaceAll("-", "_")}`, value];
}

function portOf(authority: string): string | undefined {
  return /:(\d{1,5})$/.exec(authority)?.[1];
}
