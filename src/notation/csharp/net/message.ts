import { type CsType, named } from "#notation/csharp/type/cs-type.ts";
import { hostType } from "#notation/csharp/type/host-type.ts";
import type { Ref, TypeTable } from "#notation/csharp/type/type-def.ts";
import { bodyAs, text as bodyText } from "#notation/csharp/context/body.ts";
import { type Jwt, readJwt } from "#notation/csharp/context/jwt.ts";
import type { BodyView } from "#notation/csharp/context/views.ts";
import type { DictionaryLike } from "#notation/csharp/value/dictionary-like.ts";
import { iterate } from "#notation/csharp/value/iterate.ts";
import type { KeyValuePair } from "#notation/csharp/value/key-value-pair.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { NetDictionary } from "#notation/csharp/value/net-dictionary.ts";
import { NetList } from "#notation/csharp/value/net-list.ts";
import { text } from "#notation/csharp/value/run.ts";
import { formEncode } from "#notation/csharp/value/url-encode.ts";
import { parametersOf } from "#notation/csharp/value/uri.ts";

const namespace = "";

function form(self: BodyView, isPreserved: boolean): NetDictionary {
  const bytes = self.body.bytes();
  if (!isPreserved) self.body.consume();
  const string = hostType("String");
  const made = new NetDictionary([string, listType(string)]);
  for (const [name, values] of parametersOf(bodyText(bytes, self.body.charset)))
    made.put(name, new NetList(string, [...values]));
  return made;
}

function encodedPairs(self: DictionaryLike): string {
  const parts: string[] = [];
  for (const pair of self as Iterable<KeyValuePair>) {
    const values = typeof pair.value === "string" ? [pair.value] : [...iterate(pair.value)];
    for (const value of values) parts.push(`${formEncode(pair.key as string)}=${formEncode(value as string)}`);
  }
  return text(parts.join("&"));
}

const bodyTable: TypeTable = {
  name: "IMessageBody",
  namespace,
  kind: "interface",
  members: {
    "As<type T>(bool preserveContent = false): T": (type: CsType, self: BodyView, isPreserved: boolean) =>
      bodyAs(type, self, isPreserved),
    "AsFormUrlEncodedContent(bool preserveContent = false): IDictionary<string, IList<string>>": form,
  },
};

class Basic {
  readonly netType = "BasicAuthCredentials";
  readonly userId: string;
  readonly password: string;

  constructor(userId: string, password: string) {
    this.userId = userId;
    this.password = password;
  }

  toString(): string {
    return "BasicAuthCredentials";
  }
}

function readBasic(given: string | null): Basic | null {
  const encoded = /^\s*basic\s+([A-Za-z0-9+/]+={0,2})\s*$/i.exec(given ?? "")?.[1];
  if (encoded === undefined) return null;
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const at = decoded.indexOf(":");
  return at === -1 ? null : new Basic(decoded.slice(0, at), decoded.slice(at + 1));
}

const basicTable: TypeTable = {
  name: "BasicAuthCredentials",
  namespace,
  kind: "class",
  members: {
    "UserId: string": (self: Basic) => self.userId,
    "Username: string": (self: Basic) => self.userId,
    "Password: string": (self: Basic) => self.password,
  },
};

const jwtTable: TypeTable = {
  name: "Jwt",
  namespace,
  kind: "class",
  members: {
    "Algorithm: string": (self: Jwt) => self.text("alg", self.header),
    "Audiences: IEnumerable<string>": (self: Jwt) => new NetArray(hostType("String"), [...self.audiences]),
    "Claims: IReadOnlyDictionary<string, string[]>": (self: Jwt) => self.claims,
    "ExpirationTime: DateTime?": (self: Jwt) => self.date("exp"),
    "IssuedAt: DateTime?": (self: Jwt) => self.date("iat"),
    "NotBefore: DateTime?": (self: Jwt) => self.date("nbf"),
    "Id: string": (self: Jwt) => self.text("jti"),
    "Issuer: string": (self: Jwt) => self.text("iss"),
    "Subject: string": (self: Jwt) => self.text("sub"),
    "Type: string": (self: Jwt) => self.text("typ", self.header),
  },
};

const authorizationTable: TypeTable = {
  name: "Authorization",
  namespace,
  kind: "class",
  members: {
    "AccessToken: string": (self: { readonly accessToken: string }) => self.accessToken,
    "Claims: IReadOnlyDictionary<string, object>": (self: { readonly claims: unknown }) => self.claims,
  },
};

const stringExtensions: TypeTable = {
  name: "StringExtensions",
  namespace,
  kind: "static",
  statics: {
    "AsJwt(this string input): Jwt": readJwt,
    "TryParseJwt(this string input, out Jwt result): bool": (input: string | null, result: Ref) =>
      (result.value = readJwt(input)) !== null,
    "AsBasic(this string input): BasicAuthCredentials": readBasic,
    "TryParseBasic(this string input, out BasicAuthCredentials result): bool": (input: string | null, result: Ref) =>
      (result.value = readBasic(input)) !== null,
    "ToFormUrlEncodedContent(this IDictionary<string, IList<string>> content): string": encodedPairs,
    "ToQueryString(this IDictionary<string, IList<string>> content): string": (self: DictionaryLike) =>
      self.count === 0 ? "" : `?${encodedPairs(self)}`,
    "ToFormUrlEncodedContent(this IDictionary<string, string> content): string": encodedPairs,
    "ToQueryString(this IDictionary<string, string> content): string": (self: DictionaryLike) =>
      self.count === 0 ? "" : `?${encodedPairs(self)}`,
  },
};

export const messageTables: readonly TypeTable[] = [
  bodyTable,
  basicTable,
  jwtTable,
  authorizationTable,
  stringExtensions,
];

function listType(element: CsType): CsType {
  const list = hostType("List`1");
  return list.kind === "named" ? named(list.def.lookup("IList`1"), [element]) : list;
}
