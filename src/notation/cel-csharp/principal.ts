import type { Lookup, Node, Term, Thing } from "./term.ts";
import { term } from "./term.ts";
import { quote } from "./quote.ts";
import { Untranslatable } from "./untranslatable.ts";

/** A verified token in a variable, and which of its claims say what. */
export interface TokenNames {
  /** Of the variable that `validate-jwt` has put it into. */
  readonly variable: string;
  readonly groups: string;
  readonly roles: string;
  readonly email: string;
  readonly displayName: string;
  readonly tenant: string;
  /** The first that is there says who it is, for good; null: `oid` where it comes with `tid`, else `sub`. */
  readonly subject: readonly string[] | null;
  /** Addresses are its owner's own; else they say nothing, and there is none. */
  readonly trustsEmail: boolean;
  /** Of the variable that holds `issuer|tenant|subject`; absent: none does. */
  readonly id?: string;
  /** Where these expressions run, the token is there: whoever had none is refused before. */
  readonly certain?: boolean;
  /** What to know of whoever looks at `principal`. */
  readonly caution?: string;
}

const lacking = "no policy leaves the caller's token in a variable: validate-jwt with outputVariable does";

/** Who calls, as far as a token says it: API Management knows people of its own, and a token where a policy read one. */
export function principal(token: TokenNames | null): Thing {
  if (token === null) return { kind: "thing", name: "principal", present: null, members: {} };
  const claimed = new TokenClaims(token);
  const members: Record<string, () => Node> = {
    id: () => (token.id === undefined ? claimed.identifier() : identifier(token.id)),
    authenticated: () => term("bool", token.certain === true ? "true" : `(${claimed.present})`),
    groups: () => claimed.list(token.groups),
    roles: () => claimed.list(token.roles),
    scopes: () => claimed.scopes(),
    issuer: () => claimed.text(`(${claimed.jwt}.Issuer ?? "")`),
    subject: () => claimed.subject(),
    tenant: () => claimed.first([token.tenant]),
    ...(token.trustsEmail ? { email: () => claimed.email() } : {}),
    displayName: () => claimed.first([token.displayName]),
    claims: () => claimed.lookup(),
  };
  return { kind: "thing", name: "principal", present: null, members };
}

function identifier(variable: string): Term {
  return term("string", `context.Variables.GetValueOrDefault<string>(${quote(variable)}, "anonymous")`);
}

/** `issuer|tenant|subject`, as this gateway writes it, for a variable of its own. */
export function identifierCode(token: TokenNames): string {
  const claimed = new TokenClaims({ ...token, certain: true });
  const tenant = claimed.first([token.tenant]).code;
  return `@{
    var tenant = ${tenant};
    if (tenant.Contains("|") || tenant.Contains("%")) tenant = Uri.EscapeDataString(tenant);
    return ${claimed.jwt}.Issuer + "|" + tenant + "|" + ${claimed.subject().code};
}`;
}

/** C# that reads the claims of one token. */
class TokenClaims {
  readonly jwt: string;
  readonly present: string;
  readonly #token: TokenNames;

  constructor(token: TokenNames) {
    this.#token = token;
    this.jwt = `((Jwt)context.Variables[${quote(token.variable)}])`;
    this.present = `context.Variables.ContainsKey(${quote(token.variable)})`;
  }

  text(code: string): Term {
    return term("string", this.#token.certain === true ? code : `(${this.present} ? ${code} : "")`);
  }

  first(names: readonly string[]): Term {
    for (const name of names) refuseNested(name);
    return this.text(firstClaim(this.jwt, names));
  }

  list(name: string): Term {
    refuseNested(name);
    const key = quote(name);
    return term("strings", `(${this.#and(`ContainsKey(${key})`)} ? ${this.jwt}.Claims[${key}] : new string[0])`);
  }

  /** In one piece, where no variable holds it. */
  identifier(): Term {
    const certain = new TokenClaims({ ...this.#token, certain: true });
    const tenant = certain.first([this.#token.tenant]).code;
    const encoded = `(${tenant}.Contains("|") || ${tenant}.Contains("%") ? Uri.EscapeDataString(${tenant}) : ${tenant})`;
    const whole = `${this.jwt}.Issuer + "|" + ${encoded} + "|" + ${certain.subject().code}`;
    return term("string", `(${this.#token.certain === true ? whole : `${this.present} ? ${whole} : "anonymous"`})`);
  }

  subject(): Term {
    const { subject } = this.#token;
    return subject === null ? this.text(anySubject(this.jwt)) : this.first(subject);
  }

  /** One that its issuer itself calls unverified may be anyone's. */
  email(): Term {
    refuseNested(this.#token.email);
    const verified = `${this.jwt}.Claims.GetValueOrDefault("email_verified")`;
    const isUnverified = `string.Equals(${verified}, "false", StringComparison.OrdinalIgnoreCase)`;
    return this.text(`(${isUnverified} ? "" : ${firstClaim(this.jwt, [this.#token.email])})`);
  }

  scopes(): Term {
    const name = `(${this.jwt}.Claims.ContainsKey("scp") ? "scp" : "scope")`;
    const words = "SelectMany(scope => scope.Split(' ')).Where(scope => scope != \"\").ToArray()";
    const all = `${this.jwt}.Claims[${name}].${words}`;
    return term("strings", `(${this.#and(`ContainsKey(${name})`)} ? ${all} : new string[0])`);
  }

  /** Claims are texts there, whatever they are in the token: one is compared with a text alone. */
  lookup(): Lookup {
    return {
      kind: "lookup",
      name: "principal.claims",
      defined: null,
      has: (key) => `(${this.#and(`ContainsKey(${key})`)})`,
      at: (key) => term("string", `string.Join(",", ${this.jwt}.Claims[${key}])`, this.#and(`ContainsKey(${key})`)),
    };
  }

  #and(question: string): string {
    const asked = `${this.jwt}.Claims.${question}`;
    return this.#token.certain === true ? asked : `${this.present} && ${asked}`;
  }
}

function firstClaim(jwt: string, names: readonly string[]): string {
  return `(${names.map((name) => `${jwt}.Claims.GetValueOrDefault(${quote(name)})`).join(" ?? ")} ?? "")`;
}

/** A dotted path; names that are URLs hold dots themselves. @throws Untranslatable */
function refuseNested(name: string): void {
  if (/^[^/:]*\.[^/:]*$/.test(name)) throw new Untranslatable(`the claim ${name} lies within another one`, 0);
}

function anySubject(jwt: string): string {
  const isEntra = `${jwt}.Claims.ContainsKey("oid") && ${jwt}.Claims.ContainsKey("tid")`;
  return `(${isEntra} ? ${firstClaim(jwt, ["oid"])} : ${firstClaim(jwt, ["sub"])})`;
}

/** @throws Untranslatable why the field is not there */
export function noPrincipal(
  field: string,
  { token, lacking: why = lacking }: { readonly token: TokenNames | null; readonly lacking?: string },
  offset: number,
): never {
  const known = [
    "authenticated",
    "id",
    "groups",
    "roles",
    "scopes",
    "issuer",
    "subject",
    "tenant",
    "email",
    "displayName",
    "claims",
  ];
  if (token === null && known.includes(field)) throw new Untranslatable(`principal.${field}: ${why}`, offset);
  throw new Untranslatable(`principal.${field} has no counterpart in API Management`, offset);
}
