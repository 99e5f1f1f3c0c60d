import { celText, variable } from "./cel.ts";

const uri = 'request.sentPath + (request.sentQuery == "" ? "" : "?" + request.sentQuery)';
const originalUri = 'request.path + (request.queryString == "" ? "" : "?" + request.queryString)';
const whole = (text: string): string => `(${text})`;

/** Caddy's short and long names, and what they are in CEL: always a string. */
const fixed: Readonly<Record<string, string>> = {
  "http.request.host": "request.host",
  "http.request.hostport": "request.authority",
  "http.request.port": 'request.authority.capture(":([0-9]+)$", 1)',
  "http.request.method": "request.sentMethod",
  "http.request.scheme": "request.scheme",
  "http.request.proto": 'request.protocol.replaceMatches("/2$", "/2.0")',
  "http.request.body": "request.body",
  "http.request.uuid": "request.id",
  "http.request.uri": whole(uri),
  "http.request.uri_escaped": "",
  "http.request.uri.path": "request.sentPath",
  "http.request.uri.path.dir": 'request.sentPath.capture("^(.*/)[^/]*$", 1)',
  "http.request.uri.path.file": 'request.sentPath.capture("([^/]*)$", 1)',
  "http.request.uri.path.file.base": 'request.sentPath.capture("([^/]*?)(?:[.][^./]*)?$", 1)',
  "http.request.uri.path.file.ext": 'request.sentPath.capture("([.][^./]*)$", 1)',
  "http.request.uri.query": "request.sentQuery",
  "http.request.uri.prefixed_query": '(request.sentQuery == "" ? "" : "?" + request.sentQuery)',
  "http.request.orig_method": "request.method",
  "http.request.orig_uri": whole(originalUri),
  "http.request.orig_uri.path": "request.path",
  "http.request.orig_uri.path.dir": 'request.path.capture("^(.*/)[^/]*$", 1)',
  "http.request.orig_uri.path.file": 'request.path.capture("([^/]*)$", 1)',
  "http.request.orig_uri.query": "request.queryString",
  "http.request.orig_uri.prefixed_query": '(request.queryString == "" ? "" : "?" + request.queryString)',
  "http.request.remote.host": "request.peerAddress",
  "http.request.local.port": "string(request.localPort)",
  "http.vars.client_ip": "request.clientAddress",
  "http.request.tls.client.subject": "principal.certificate.subject",
  "http.request.tls.client.issuer": "principal.certificate.issuer",
  "http.request.tls.client.serial": "principal.certificate.serial",
  "http.request.tls.client.fingerprint": "principal.certificate.fingerprint",
  "http.auth.user.id": `string(${variable("auth.user", celText("{http.auth.user.id}"))})`,
  "http.matchers.file.relative": variable("file.match"),
  "http.matchers.file.type": `(${variable("file.match")}.endsWith("/") ? "directory" : "file")`,
  "time.now.unix": 'string((now - timestamp("1970-01-01T00:00:00Z")).getSeconds())',
  "time.now.year": "string(now.getFullYear())",
};

const shorthand: Readonly<Record<string, string>> = {
  host: "http.request.host",
  hostport: "http.request.hostport",
  port: "http.request.port",
  method: "http.request.method",
  scheme: "http.request.scheme",
  uuid: "http.request.uuid",
  uri: "http.request.uri",
  path: "http.request.uri.path",
  dir: "http.request.uri.path.dir",
  file: "http.request.uri.path.file",
  "file.base": "http.request.uri.path.file.base",
  "file.ext": "http.request.uri.path.file.ext",
  query: "http.request.uri.query",
  "?query": "http.request.uri.prefixed_query",
  orig_method: "http.request.orig_method",
  orig_uri: "http.request.orig_uri",
  orig_path: "http.request.orig_uri.path",
  "orig_path.dir": "http.request.orig_uri.path.dir",
  "orig_path.file": "http.request.orig_uri.path.file",
  orig_query: "http.request.orig_uri.query",
  "orig_?query": "http.request.orig_uri.prefixed_query",
  "file_match.relative": "http.matchers.file.relative",
  "file_match.type": "http.matchers.file.type",
  remote_host: "http.request.remote.host",
  client_ip: "http.vars.client_ip",
  tls_client_subject: "http.request.tls.client.subject",
  tls_client_issuer: "http.request.tls.client.issuer",
  tls_client_serial: "http.request.tls.client.serial",
  tls_client_fingerprint: "http.request.tls.client.fingerprint",
};

const families: readonly (readonly [RegExp, (rest: string) => string | undefined])[] = [
  [
    /^(?:header|http\.request\.header)\.(.+)$/,
    (name) => `request.headers[?${celText(name.toLowerCase())}].orValue("")`,
  ],
  [/^(?:query|http\.request\.uri\.query)\.(.+)$/, (name) => `request.query[?${celText(name)}].orValue("")`],
  [/^http\.request\.orig_uri\.query\.(.+)$/, (name) => `request.query[?${celText(name)}].orValue("")`],
  [/^(?:cookie|http\.request\.cookie)\.([A-Za-z0-9_.-]+)$/, cookie],
  [/^(?:path|http\.request\.uri\.path)\.(\d{1,3})$/, (index) => segment("request.sentPath", Number(index))],
  [/^http\.request\.orig_uri\.path\.(\d{1,3})$/, (index) => segment("request.path", Number(index))],
  [/^(?:labels|http\.request\.host\.labels)\.(\d{1,2})$/, label],
  [/^(?:vars|http\.vars)\.(.+)$/, (name) => `string(${variable(`vars.${name}`)})`],
  [/^(?:re|http\.regexp)\.(.+)$/, (name) => variable(`re.${name}`)],
];

function cookie(name: string): string {
  return `request.headers[?"cookie"].orValue("").capture(${celText(`(?:^|; ?)${name.replaceAll(".", "[.]")}=([^;]*)`)}, 1)`;
}

function segment(path: string, index: number): string {
  return `${path}.capture(${celText(`^(?:/[^/]*){${index}}/([^/]*)`)}, 1)`;
}

function label(index: string): string {
  return `request.host.capture(${celText(`([^.]+)(?:[.][^.]+){${index}}$`)}, 1)`;
}

/** @returns CEL that gives a string; undefined: there is no such thing here */
export function placeholder(name: string): string | undefined {
  const long = shorthand[name] ?? name;
  const known = fixed[long];
  if (known !== undefined) return known === "" ? undefined : known;
  for (const [pattern, make] of families) {
    const rest = pattern.exec(name)?.[1];
    if (rest !== undefined) return make(rest);
  }
  return undefined;
}

/** Of an error, where one is being handled. */
const ofError: Readonly<Record<string, string>> = {
  "http.error.status_code": "string(response.status)",
  "http.error.status_text": "response.reason",
  "http.error.message": "lastError.message",
  "http.error.id": "request.id",
};

/** Of a response that `handle_response` or `intercept` looks at. */
const ofResponse: readonly (readonly [RegExp, (name: string) => string])[] = [
  [
    /^(?:rp|http\.reverse_proxy|resp|http\.intercept|http\.response)\.(?:status_code|status)$/,
    () => "string(response.status)",
  ],
  [
    /^(?:rp|http\.reverse_proxy|resp|http\.intercept|http\.response)\.header\.(.+)$/,
    (name) => `response.headers[?${celText(name.toLowerCase())}].orValue("")`,
  ],
];

/** Where a text runs: what it can speak of. */
export type Moment = "request" | "error" | "response";

/** @returns as {@link placeholder} */
export function placeholderAt(name: string, moment: Moment): string | undefined {
  const error = ofError[name.replace(/^err\./, "http.error.")];
  // Where nothing is being handled Caddy has nothing to say of it, either.
  if (error !== undefined) return moment === "error" ? error : '""';
  if (moment !== "request") {
    for (const [pattern, make] of ofResponse) {
      const found = pattern.exec(name);
      if (found !== null) return make(found[1] ?? "");
    }
  }
  return placeholder(name);
}
