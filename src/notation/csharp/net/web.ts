import { hostType } from "#notation/csharp/type/host-type.ts";
import type { Ref, TypeTable } from "#notation/csharp/type/type-def.ts";
import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { argumentNull } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { text } from "#notation/csharp/value/run.ts";
import { parametersOf, Uri } from "#notation/csharp/value/uri.ts";
import {
  escapeData,
  escapeUri,
  htmlDecode,
  htmlEncode,
  httpUrlEncode,
  percentDecode,
  replacePaid,
  webUrlEncode,
} from "#notation/csharp/value/url-encode.ts";
import { isIP } from "node:net";
import { uriHostNameTypeTable } from "./enums.ts";

/** null stays null. */
const over = (run: (value: string) => string) => (value: string | null) => (value === null ? null : run(value));

function needed(run: (value: string) => string): (value: string | null) => string {
  return (value) => {
    if (value === null) throw argumentNull("stringToEscape");
    return run(value);
  };
}

const webUtilityTable: TypeTable = {
  name: "WebUtility",
  namespace: "System.Net",
  kind: "static",
  statics: {
    "UrlEncode(string value): string": over(webUrlEncode),
    "UrlDecode(string encodedValue): string": over((value) => percentDecode(value, true)),
    "HtmlEncode(string value): string": over(htmlEncode),
    "HtmlDecode(string value): string": over(htmlDecode),
  },
};

const httpUtilityTable: TypeTable = {
  name: "HttpUtility",
  namespace: "System.Web",
  kind: "static",
  statics: {
    "UrlEncode(string str): string": over(httpUrlEncode),
    "UrlDecode(string str): string": over((value) => percentDecode(value, true)),
    "HtmlEncode(string s): string": over(htmlEncode),
    "HtmlDecode(string s): string": over(htmlDecode),
    "HtmlAttributeEncode(string s): string": over(htmlEncode),
    "UrlPathEncode(string str): string": over(escapeUri),
    "JavaScriptStringEncode(string value): string": over((value) =>
      replacePaid(value, /["'\\<>&\p{Cc}]/gu, (char = "") => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`),
    ),
    "ParseQueryString(string query): NameValueCollection": (query: string) => new Pairs(parametersOf(query)),
  },
};

/** NameValueCollection, as ParseQueryString gives it. */
class Pairs implements NetObject {
  readonly netType = "NameValueCollection";
  readonly values: Map<string, string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.values = new Map([...values].map(([name, all]) => [name, [...all]]));
  }

  find(name: string): string[] | undefined {
    const key = [...this.values.keys()].find((each) => each.toLowerCase() === name.toLowerCase());
    return key === undefined ? undefined : this.values.get(key);
  }

  get(name: string): string | null {
    return this.find(name)?.join(",") ?? null;
  }

  *[Symbol.iterator](): Generator<string> {
    yield* this.values.keys();
  }

  toString(): string {
    return text(
      [...this.values]
        .flatMap(([name, all]) => all.map((value) => `${httpUrlEncode(name)}=${httpUrlEncode(value)}`))
        .join("&"),
    );
  }
}

const pairsTable: TypeTable = {
  name: "NameValueCollection",
  namespace: "System.Collections.Specialized",
  kind: "class",
  implements: ["IEnumerable"],
  construct: { "()": () => new Pairs(new Map()) },
  members: {
    "Count: int": (self: Pairs) => self.values.size,
    "this[string name]: string": (self: Pairs, name: string) => self.get(name),
    "Get(string name): string": (self: Pairs, name: string) => self.get(name),
    "GetValues(string name): string[]": (self: Pairs, name: string) => {
      const found = self.find(name);
      return found === undefined ? null : new NetArray(hostType("String"), [...found]);
    },
    "AllKeys: string[]": (self: Pairs) => new NetArray(hostType("String"), [...self.values.keys()]),
    "Keys: IEnumerable<string>": (self: Pairs) => new NetArray(hostType("String"), [...self.values.keys()]),
    "Add(string name, string value): void": (self: Pairs, name: string, value: string) =>
      void self.values.set(name, [...(self.values.get(name) ?? []), value]),
    "Set(string name, string value): void": (self: Pairs, name: string, value: string) =>
      void self.values.set(name, [value]),
    "Remove(string name): void": (self: Pairs, name: string) => void self.values.delete(name),
  },
  setters: {
    "this[string name]: string": (self: Pairs, name: string, value: string) => void self.values.set(name, [value]),
  },
};

function absolute(value: string | null): Uri {
  if (value === null) throw argumentNull("uriString");
  return new Uri(value, true);
}

function ofKind(value: string | null, kind: number): Uri {
  if (value === null) throw argumentNull("uriString");
  return new Uri(value, kind === 1);
}

function resolved(base: Uri, relative: string): Uri {
  return new Uri(new URL(relative, base.url).href, true);
}

function attempt(value: string | null, kind: number, result: Ref): boolean {
  result.value = null;
  if (value === null) return false;
  const made = new Uri(value, false);
  if (kind === 1 && !made.isAbsolute) return false;
  if (kind === 2 && made.isAbsolute) return false;
  result.value = made;
  return true;
}

function leftPart(self: Uri, part: number): string {
  const { url } = self;
  const authority = `${url.protocol}//${self.userInfo === "" ? "" : `${self.userInfo}@`}${url.host}`;
  if (part === 0) return `${url.protocol}//`;
  if (part === 1) return authority;
  return part === 2 ? authority + url.pathname : authority + url.pathname + url.search;
}

const hostFacts = { id: "UriHostNameType", table: uriHostNameTypeTable };

function hostNameType(name: string): EnumValue {
  const version = isIP(name.replace(/^\[|\]$/g, ""));
  return new EnumValue(hostFacts, version === 4 ? 3 : version === 6 ? 4 : name === "" ? 1 : 2);
}

const uriTable: TypeTable = {
  name: "Uri",
  namespace: "System",
  kind: "class",
  construct: {
    "(string uriString)": absolute,
    "(string uriString, UriKind uriKind)": (value: string | null, kind: EnumValue) => ofKind(value, kind.value),
    "(Uri baseUri, string relativeUri)": (base: Uri, relative: string) => resolved(base, relative),
    "(Uri baseUri, Uri relativeUri)": (base: Uri, relative: Uri) => resolved(base, relative.original),
  },
  statics: {
    "UriSchemeHttp: string": () => "http",
    "UriSchemeHttps: string": () => "https",
    "SchemeDelimiter: string": () => "://",
    "EscapeDataString(string stringToEscape): string": needed(escapeData),
    "UnescapeDataString(string stringToUnescape): string": needed((value) => percentDecode(value, false)),
    "EscapeUriString(string stringToEscape): string": needed(escapeUri),
    "TryCreate(string uriString, UriKind uriKind, out Uri result): bool": (
      value: string | null,
      kind: EnumValue,
      result: Ref,
    ) => attempt(value, kind.value, result),
    "TryCreate(Uri baseUri, string relativeUri, out Uri result): bool": (
      base: Uri,
      value: string | null,
      result: Ref,
    ) => {
      result.value = value === null || !URL.canParse(value, base.absolute) ? null : resolved(base, value);
      return result.value !== null;
    },
    "IsWellFormedUriString(string uriString, UriKind uriKind): bool": (value: string | null, kind: EnumValue) =>
      value !== null && !/\s/.test(value) && (new Uri(value, false).isAbsolute || kind.value !== 1),
    "CheckHostName(string name): UriHostNameType": hostNameType,
    "IsHexDigit(char character): bool": (char: unknown) => /^[0-9a-fA-F]$/.test(String(char)),
  },
  members: {
    "Scheme: string": (self: Uri) => self.scheme,
    "Host: string": (self: Uri) => self.host,
    "DnsSafeHost: string": (self: Uri) => self.host.replace(/^\[|\]$/g, ""),
    "IdnHost: string": (self: Uri) => self.host,
    "Port: int": (self: Uri) => self.port,
    "IsDefaultPort: bool": (self: Uri) => self.isDefaultPort,
    "Authority: string": (self: Uri) => self.authority,
    "AbsolutePath: string": (self: Uri) => self.path,
    "LocalPath: string": (self: Uri) => percentDecode(self.path, false),
    "PathAndQuery: string": (self: Uri) => self.path + self.query,
    "Query: string": (self: Uri) => self.query,
    "Fragment: string": (self: Uri) => self.fragment,
    "UserInfo: string": (self: Uri) => self.userInfo,
    "Segments: string[]": (self: Uri) => new NetArray(hostType("String"), self.segments),
    "AbsoluteUri: string": (self: Uri) => self.url.href,
    "OriginalString: string": (self: Uri) => self.original,
    "IsAbsoluteUri: bool": (self: Uri) => self.isAbsolute,
    "IsLoopback: bool": (self: Uri) => /^(localhost|127\.|\[::1\])/.test(self.host),
    "IsFile: bool": (self: Uri) => self.scheme === "file",
    "HostNameType: UriHostNameType": (self: Uri) => hostNameType(self.host),
    "GetLeftPart(UriPartial part): string": (self: Uri, part: EnumValue) => leftPart(self, part.value),
    "MakeRelativeUri(Uri uri): Uri": (self: Uri, other: Uri) =>
      new Uri(other.authority === self.authority ? other.path + other.query : other.absolute, false),
    "IsBaseOf(Uri uri): bool": (self: Uri, other: Uri) =>
      other.absolute.startsWith(self.absolute.replace(/[^/]*$/, "")),
  },
  operators: {
    "==(Uri, Uri): bool": (a: Uri | null, b: Uri | null) => a === b || (a?.equals(b) ?? false),
    "!=(Uri, Uri): bool": (a: Uri | null, b: Uri | null) => !(a === b || (a?.equals(b) ?? false)),
  },
};

/** UriBuilder: parts that can be set. */
class UriBuilder implements NetObject {
  readonly netType = "UriBuilder";
  scheme = "http";
  host = "localhost";
  port = -1;
  path = "/";
  query = "";
  fragment = "";
  userName = "";
  password = "";

  toString(): string {
    const user = this.userName === "" ? "" : `${this.userName}${this.password === "" ? "" : `:${this.password}`}@`;
    const port = this.port === -1 ? "" : `:${this.port}`;
    return text(
      `${this.scheme}://${user}${this.host}${port}${this.path.startsWith("/") ? "" : "/"}${this.path}${this.query}${this.fragment}`,
    );
  }
}

function builderOf(uri: Uri): UriBuilder {
  const made = new UriBuilder();
  made.scheme = uri.scheme;
  made.host = uri.host;
  made.port = uri.port;
  made.path = uri.path;
  made.query = uri.query;
  made.fragment = uri.fragment;
  [made.userName = "", made.password = ""] = uri.userInfo.split(":");
  return made;
}

const withMark = (mark: string, value: string | null): string =>
  value === null || value === "" ? "" : value.startsWith(mark) ? value : mark + value;

const uriBuilderTable: TypeTable = {
  name: "UriBuilder",
  namespace: "System",
  kind: "class",
  construct: {
    "()": () => new UriBuilder(),
    "(string uri)": (value: string) =>
      builderOf(new Uri(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`, true)),
    "(Uri uri)": builderOf,
    "(string schemeName, string hostName)": (scheme: string, host: string) =>
      Object.assign(new UriBuilder(), { scheme, host }),
    "(string scheme, string host, int portNumber)": (scheme: string, host: string, port: number) =>
      Object.assign(new UriBuilder(), { scheme, host, port }),
    "(string scheme, string host, int port, string pathValue)": (
      scheme: string,
      host: string,
      port: number,
      path: string,
    ) => Object.assign(new UriBuilder(), { scheme, host, port, path }),
  },
  members: {
    "Scheme: string": (self: UriBuilder) => self.scheme,
    "Host: string": (self: UriBuilder) => self.host,
    "Port: int": (self: UriBuilder) => self.port,
    "Path: string": (self: UriBuilder) => self.path,
    "Query: string": (self: UriBuilder) => self.query,
    "Fragment: string": (self: UriBuilder) => self.fragment,
    "UserName: string": (self: UriBuilder) => self.userName,
    "Password: string": (self: UriBuilder) => self.password,
    "Uri: Uri": (self: UriBuilder) => new Uri(self.toString(), true),
  },
  setters: {
    "Scheme: string": (self: UriBuilder, value: string) => void (self.scheme = value),
    "Host: string": (self: UriBuilder, value: string) => void (self.host = value),
    "Port: int": (self: UriBuilder, value: number) => void (self.port = value),
    "Path: string": (self: UriBuilder, value: string | null) => void (self.path = withMark("/", value) || "/"),
    "Query: string": (self: UriBuilder, value: string | null) => void (self.query = withMark("?", value)),
    "Fragment: string": (self: UriBuilder, value: string | null) => void (self.fragment = withMark("#", value)),
    "UserName: string": (self: UriBuilder, value: string) => void (self.userName = value),
    "Password: string": (self: UriBuilder, value: string) => void (self.password = value),
  },
};

export const webTables: readonly TypeTable[] = [
  webUtilityTable,
  httpUtilityTable,
  pairsTable,
  uriTable,
  uriBuilderTable,
];
