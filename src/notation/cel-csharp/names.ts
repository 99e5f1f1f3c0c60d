import { quote } from "./quote.ts";
import { type Lookup, type Node, type Term, term, type Thing } from "./term.ts";
import { jsonOf } from "./json.ts";
import { type TokenNames, principal } from "./principal.ts";

/** Of the API that an expression stands in: what API Management knows of it by another way. */
export interface NamesKnown {
  /** Where the verified token is; null: no policy has left one in a variable. */
  readonly token: TokenNames | null;
  /** Why it is null. */
  readonly lacking?: string;
  /** Hears what reads nearly the same there. */
  readonly note?: (message: string) => void;
}

const status = { low: 0n, high: 999n };
const original = "context.Request.OriginalUrl";

function thing(name: string, present: string | null, members: Thing["members"]): Thing {
  return { kind: "thing", name, present, members };
}

function text(code: string, defined: string | null = null): () => Term {
  return () => term("string", code, defined);
}

/** Header fields: found in any letter case, lines of one name with a comma and a space between them. */
function headers(name: string, owner: string, present: string | null): Lookup {
  const fields = `${owner}.Headers`;
  return {
    kind: "lookup",
    name,
    defined: present,
    foldsCase: true,
    has: (key) => `${fields}.ContainsKey(${key})`,
    at: (key) =>
      term(
        "string",
        `string.Join(", ", ${fields}[${key}])`,
        `${present === null ? "" : `${present} && `}${fields}.ContainsKey(${key})`,
      ),
  };
}

function lookup(name: string, code: string, at: (key: string) => Term): Lookup {
  return {
    kind: "lookup",
    name,
    defined: null,
    has: (key) => `${code}.ContainsKey(${key})`,
    at,
    keys: `${code}.Keys.ToArray()`,
  };
}

const bodyOf = (owner: string): string => `${owner}.Body.As<string>(preserveContent: true)`;

const request = thing("request", null, {
  method: text("context.Request.Method"),
  scheme: text(`${original}.Scheme`),
  host: text(`${original}.Host`),
  path: text(`${original}.Path`),
  query: () =>
    lookup("request.query", `${original}.Query`, (key) =>
      term("string", `${original}.Query[${key}][0]`, `${original}.Query.ContainsKey(${key})`),
    ),
  queryString: text(
    `(${original}.QueryString.StartsWith("?") ? ${original}.QueryString.Substring(1) : ${original}.QueryString)`,
  ),
  headers: () => headers("request.headers", "context.Request", null),
  clientAddress: text("context.Request.IpAddress"),
  id: text("context.RequestId.ToString()"),
  json: () => jsonOf("context.Request.Body"),
  body: text(`(context.Request.Body == null ? "" : ${bodyOf("context.Request")})`),
});

const isResponse = "context.Response != null";

const response = thing("response", isResponse, {
  status: () => term("int", "((long)context.Response.StatusCode)", isResponse, { range: status }),
  headers: () => headers("response.headers", "context.Response", isResponse),
  json: () => jsonOf("context.Response.Body"),
  body: text(`(context.Response.Body == null ? "" : ${bodyOf("context.Response")})`, isResponse),
});

const isError = "context.LastError != null";
const errorMembers = {
  source: "Source",
  message: "Message",
  scope: "Scope",
  section: "Section",
  path: "Path",
  policyId: "PolicyId",
};

const lastError = thing(
  "lastError",
  isError,
  Object.fromEntries(
    Object.entries(errorMembers).map(([name, member]) => [name, text(`context.LastError.${member}`, isError)]),
  ),
);

const isSubscription = "context.Subscription != null";

const fixed: Readonly<Record<string, () => Node>> = {
  request: () => request,
  response: () => response,
  lastError: () => lastError,
  subscription: () => thing("subscription", isSubscription, { id: text("context.Subscription.Id", isSubscription) }),
  product: text('(context.Product == null ? "" : context.Product.Id)'),
  api: text('(context.Api == null ? "" : context.Api.Id)'),
  operation: text('(context.Operation == null ? "" : context.Operation.Id)'),
  parameters: () =>
    lookup("parameters", "context.Request.MatchedParameters", (key) =>
      term(
        "string",
        `context.Request.MatchedParameters[${key}]`,
        `context.Request.MatchedParameters.ContainsKey(${key})`,
      ),
    ),
  variables: () =>
    lookup("variables", "context.Variables", (key) =>
      term("dyn", `context.Variables[${key}]`, `context.Variables.ContainsKey(${key})`),
    ),
  now: () => term("timestamp", "DateTime.UtcNow"),
};

/** Members that read nearly the same there. */
const nearly: Readonly<Record<string, string>> = {
  "request.query": "request.query: names of parameters are compared without letter case there",
  "request.id": "request.id: API Management's own id of the request",
  "request.clientAddress": "request.clientAddress: the address that API Management sees, which may be a proxy's",
  "request.json": "request.json: texts in it that look like dates are dates there",
  "response.json": "response.json: texts in it that look like dates are dates there",
  "principal.claims": "principal.claims: a claim is text there, and a list with one item is that item",
};

/** Says what is known of a member. */
export function noteMember(owner: string, field: string, { note, token }: NamesKnown): void {
  if (owner === "principal" && token?.caution !== undefined) note?.(token.caution);
  const message = nearly[`${owner}.${field}`];
  if (message !== undefined) note?.(message);
}

/** What a name of CEL is there; undefined: there is no such thing. */
export function nodeOf(name: string, { token }: NamesKnown): Node | undefined {
  if (name === "principal") return principal(token);
  return Object.hasOwn(fixed, name) ? fixed[name]?.() : undefined;
}

/** A field of a response that a variable holds. */
export function receivedField(value: Term, field: string): Node | undefined {
  const code = `((IResponse)${value.code})`;
  const present = `${value.defined ?? "true"} && ${value.code} is IResponse`;
  switch (field) {
    case "status":
      return term("int", `((long)${code}.StatusCode)`, present, { range: status });
    case "reason":
      return term("string", `${code}.StatusReason`, present);
    case "headers":
      return headers(quote(field), code, present);
    case "body":
      return term("string", bodyOf(code), present);
    case "json":
      return jsonOf(`${code}.Body`);
    case "accessToken":
      return term(
        "string",
        `((Authorization)${value.code}).AccessToken`,
        `${value.defined ?? "true"} && ${value.code} is Authorization`,
      );
    default:
      return undefined;
  }
}
