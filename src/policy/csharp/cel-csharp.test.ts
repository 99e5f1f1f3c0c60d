import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { ReceivedResponse } from "#model/received-response.ts";
import { identifierCode, type TokenNames } from "#notation/cel-csharp/principal.ts";
import { translateCel, type Wanted } from "#notation/cel-csharp/translate.ts";
import { Untranslatable } from "#notation/cel-csharp/untranslatable.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { toText as csharpText } from "#notation/csharp/value/to-text.ts";
import { exchangeFor, fixedClock } from "#policy/policy.test-helper.ts";
import { toText } from "#policy/to-text.ts";
import { evaluateExpression } from "#policy/values.ts";

const at = { file: "sallyport.yaml", line: 1, column: 1 };

const token: TokenNames = {
  variable: "caller",
  groups: "groups",
  roles: "roles",
  email: "email",
  displayName: "name",
  tenant: "tid",
  subject: null,
  trustsEmail: true,
  id: "caller-id",
};

/** Requests that differ in what they have and lack. */
function exchanges(): readonly Exchange[] {
  const plain = exchangeFor(["X-A", "1", "x-a", "2", "X-Role", "admin", "Count", "12"], {
    query: "a=1&a=2&b=x%20y",
    target: "/orders/7?a=1&a=2&b=x%20y",
  });
  plain.parameters = { id: "7" };
  plain.request.body = Buffer.from(
    '{"name":"ann","age":42,"score":1.5,"ok":true,"none":null,"list":["a",{"b":"c"}],"it\'s":{"x.y":"z"},"text":"7"}',
  );
  plain.setVariable("text", "abc");
  plain.setVariable("number", 5);
  plain.setVariable("long", 9_007_199_254_740_993n);
  plain.setVariable("yes", true);
  plain.setVariable(
    "reply",
    new ReceivedResponse(201, "Created", new HeaderList(["A", "b"]), Buffer.from('{"rate":2.5}')),
  );
  plain.response = new ResponseDraft(503, "", new HeaderList(["Retry-After", "3"]), null, "upstream");
  plain.subscription = { id: "s1", scope: "all", by: "key" };
  const bare = exchangeFor([], { method: "POST", query: "", target: "/", path: "/" });
  bare.request.body = Buffer.from('{"name":5,"age":"42","ok":"true","list":[],"score":null}');
  const odd = exchangeFor(["X-A", "😀 b", "X-Role", "", "Count", "x"], {
    query: "b=",
    target: "/orders?b=",
    path: "/orders",
  });
  odd.setVariable("text", 7);
  odd.setVariable("number", "7");
  odd.setVariable("yes", "no");
  for (const [exchange, claims] of [
    [
      plain,
      {
        iss: "https://idp.example",
        sub: "me",
        groups: ["engineering", "sales"],
        roles: ["reader"],
        scp: "read write",
        email: "a@b.example",
        name: "A B",
        tid: "t1",
      },
    ],
    [odd, { iss: "https://idp.example", oid: "o1", sub: "other", roles: "admin" }],
  ] as const) {
    exchange.setVariable("caller", claims as never);
    exchange.setVariable("caller-id", run("csharp", identifierCode(token), exchange).value);
    exchange.principal = {
      ...exchange.principal,
      kind: "user",
      authMethod: "token",
      claims,
      issuer: claims.iss,
      id: `${claims.iss}|${"tid" in claims ? claims.tid : ""}|${claims.sub}`,
      subject: claims.sub,
      tenant: "tid" in claims ? claims.tid : "",
      email: "email" in claims ? claims.email : "",
      displayName: "name" in claims ? claims.name : "",
      groups: "groups" in claims ? claims.groups : [],
      roles: typeof claims.roles === "string" ? [claims.roles] : claims.roles,
      scopes: "scp" in claims ? ["read", "write"] : [],
    };
  }
  return [plain, bare, odd];
}

interface Outcome {
  /** Absent: it failed. */
  readonly value?: unknown;
}

function run(language: "cel" | "csharp", source: string, exchange: Exchange): Outcome {
  try {
    return { value: plainly(evaluateExpression({ language, source, at }, fixedClock)(exchange)) };
  } catch {
    return {};
  }
}

/** Whole numbers of both as bigint, lists as arrays, moments as text. */
function plainly(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (value instanceof NetArray) return value.items.map(plainly);
  if (Array.isArray(value)) return value.map(plainly);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object" || value === null) return value;
  const text = csharpText(value as never);
  const number = Number(text);
  return text !== "" && Number.isFinite(number) ? plainly(number) : text;
}

/** Both give the same, or both fail. */
function agree(source: string, wanted: Wanted = "any"): void {
  const csharp = translateCel(source, wanted, { token });
  for (const [index, exchange] of exchanges().entries()) {
    const expected = run("cel", source, exchange);
    assert.deepEqual(run("csharp", csharp, exchange), expected, `${source} → ${csharp}, request ${index}`);
  }
}

const table: readonly string[] = [
  "request.method",
  'request.method == "GET" ? "read" : "write"',
  'request.scheme + "://" + request.host + request.path',
  "request.queryString",
  'request.query["a"]',
  "request.query.b",
  '"a" in request.query && request.query.a == "1"',
  'request.headers["x-a"]',
  'request.headers["X-A"].startsWith("1")',
  '"X-Role" in request.headers',
  "has(request.headers.foo)",
  'request.headers.?foo.orValue("none") + request.headers[?"x-role"].orValue("none")',
  'request.headers[?"x-role"].hasValue()',
  "request.clientAddress",
  'request.headers["x-role"] == "admin" || request.headers["x-b"] == "y"',
  'request.headers["x-role"] == "admin" && request.headers["x-b"] == "y"',
  'request.headers["x-b"] == "y" && request.method == "GET"',
  'request.headers["x-b"] == "y" || request.method == "GET"',
  '!(request.headers["x-b"] == "y" || request.method != "GET") || !("x-a" in request.headers)',
  '(request.headers["x-b"] == "y" || request.headers["x-role"] == "admin") && parameters.id == "7"',
  'request.headers["x-role"] == "admin" ? parameters["id"] : "none"',
  'request.method == "GET" && (request.headers["x-b"] == "y" ? false : true)',
  'request.path.endsWith("/7") && request.path.contains("ord")',
  'request.path.matches("^/orders/[0-9]+$")',
  'request.path.matches("(?i)ORDERS\\\\b")',
  'request.headers.?x_a.orValue("a\\n").matches("a$")',
  '"é1".matches("^\\\\w\\\\d$") || "a1".matches("^\\\\w\\\\d$")',
  '"a-b".matches("[[:alpha:]]-\\\\x62") && !"ab".matches("^[^a-c]")',
  'size("a😀") + size(request.path) + size(principal.groups)',
  "size(request.query)",
  "request.path.size() > 3",
  '"Abc".lowerAscii() + "x".upperAscii() + " y ".trim()',
  '"a,b,c".split(",")',
  '"a,b,c".split(",").join("|")',
  '"hello".substring(1) + "hello".substring(1, 3)',
  "request.path.substring(5)",
  "request.path.substring(2, 4)",
  '"hello".indexOf("l") + "hello".indexOf("z")',
  'variables.text == "abc"',
  "variables.text",
  'variables.text.startsWith("a")',
  "variables.number == 5",
  "variables.number >= 5",
  "variables.number + 1",
  "variables.long == 9007199254740993",
  "variables.number != 5 || variables.yes == true",
  "variables.yes",
  "variables.yes && true",
  "variables.yes == null",
  'variables.text in ["abc", "d"]',
  '"text" in variables',
  "has(variables.missing)",
  'variables.?text.orValue("none")',
  "variables.reply.status == 201",
  'variables.reply.headers["a"] + variables.reply.reason + variables.reply.body',
  "response.status",
  "response != null && response.status >= 500",
  'response.headers["retry-after"] == "3"',
  "subscription == null",
  'subscription != null && subscription.id == "s1"',
  "subscription.id",
  "lastError == null",
  'request.json.name == "ann"',
  'request.json["age"] != 5',
  "request.json.age == 42 ? 1 : 2",
  "request.json.age >= 18",
  "request.json.score < 2.0",
  "request.json.score == 1.5",
  "request.json.ok == true",
  "request.json.ok ? 1 : 2",
  "request.json.none == null",
  "has(request.json.missing)",
  "has(request.json.name)",
  "request.json.missing == 1",
  'request.json.list[0] + "!"',
  'request.json.list[1].b.startsWith("c")',
  'request.json["it\'s"]["x.y"] == "z"',
  'request.json.name in ["ann", "bob"]',
  '"<" + request.json.name',
  "request.json.text == 7",
  "variables.reply.json.rate > 2.0",
  'request.method == "GET" && request.json.ok == true',
  "lastError.section == lastError.source || lastError == null",
  '"engineering" in principal.groups',
  'principal.groups.exists(g, g.startsWith("sal"))',
  'principal.groups.all(g, g != "sales")',
  'principal.groups.filter(g, g != "sales")',
  'principal.groups.map(g, g + "!")',
  "principal.groups[0]",
  '["a", "b"].exists_one(x, x == "a")',
  '"admin" in principal.roles || "write" in principal.scopes',
  "principal.authenticated",
  "principal.id",
  'principal.issuer + "|" + principal.tenant + "|" + principal.subject',
  "principal.email + principal.displayName",
  'principal.claims.email == "a@b.example"',
  'has(principal.claims.email) && principal.claims["email"].endsWith("example")',
  "7 / 2 + -7 / 2 + 7 % 3 - -7 % 2",
  "5 / response.status",
  "5 % (response.status - 503)",
  "10 / (response.status - 503) == 1 || response.status == 503",
  "9223372036854775807 + response.status",
  "-9223372036854775808 + 1",
  "1.5 + 2.25",
  "1.5 < 2.0 && 1 < 2.5",
  "double(3) / 2.0",
  'int(request.headers["count"])',
  '"count" in request.headers && int(request.headers["count"]) > 5',
  "string(12) + string(true) + string(response.status)",
  "1 in [1, 2] && !(3 in [1, 2])",
  '"a" < "b" && "B" < "a" && !("é" < "z")',
  "now.getFullYear() * 10000 + now.getMonth() * 100 + now.getDate()",
  "now.getDayOfWeek() + now.getHours() + now.getMinutes() + now.getSeconds() + now.getMilliseconds()",
  'now.getDayOfMonth("UTC") + now.getHours("UTC")',
  'now > timestamp("2025-12-31T23:59:59Z") && now < timestamp("2026-01-02T00:00:01+00:00")',
  'now - timestamp("2026-01-01T00:00:00Z") > duration("23h59m")',
  'now + duration("90s") > now',
  'product == "" && api == "" && operation == ""',
  "[1, 2, 3].map(i, i * 2).exists(i, i == 4)",
  '"{{a}}" + "\\u007b{b}}" + "\\"\\\\\\n"',
  "true ? 1 : 2",
];

describe("CEL as C#", () => {
  it("asks nobody whether a token is there that has been verified before", () => {
    const certain = { token: { ...token, certain: true } as const };
    const [plain] = exchanges();
    for (const source of table.filter((one) => one.includes("principal."))) {
      const csharp = translateCel(source, "any", certain);
      assert.doesNotMatch(csharp, /ContainsKey\("caller"\)/);
      assert.deepEqual(run("csharp", csharp, plain as Exchange), run("cel", source, plain as Exchange), csharp);
    }
  });

  for (const source of table) it(source, () => agree(source));

  it("puts together who it is where no variable holds that", () => {
    const { id: _, ...without } = token;
    for (const exchange of exchanges()) {
      const csharp = translateCel("principal.id", "any", { token: without });
      assert.deepEqual(run("csharp", csharp, exchange), run("cel", "principal.id", exchange), csharp);
    }
  });

  it("gives text as this gateway writes it", () => {
    for (const source of [
      "variables.yes",
      "true",
      "response.status",
      "variables.text",
      "request.method",
      "null",
      "now",
    ]) {
      const csharp = translateCel(source, "text", { token });
      for (const exchange of exchanges()) {
        const cel = run("cel", source, exchange);
        const given = !("value" in cel)
          ? cel
          : { value: toText(evaluateExpression({ language: "cel", source, at }, fixedClock)(exchange)) };
        assert.deepEqual(run("csharp", csharp, exchange), given, csharp);
      }
    }
  });

  it("names what has no counterpart, and where", () => {
    const said = (source: string, known = { token: null as TokenNames | null }): string => {
      try {
        return translateCel(source, "any", known);
      } catch (error) {
        if (!(error instanceof Untranslatable)) throw error;
        return `${error.offset}: ${error.message}`;
      }
    };
    assert.match(said('"a" in principal.groups'), /^7: principal.groups: no policy leaves the caller's token/);
    assert.match(
      said('request.method == "GET" && principal.kind == "agent"', { token }),
      /^27: principal.kind has no counterpart/,
    );
    assert.match(said('"break-glass" in principal.approvals', { token }), /principal.approvals has no counterpart/);
    assert.match(said('now.getHours("Europe/Berlin")'), /another time zone than UTC/);
    assert.match(said('request.path.matches("\\\\x{1F600}")'), /^21: the pattern has the escape/);
    assert.match(said("request.json[request.path]"), /a member of JSON whose name is computed/);
    assert.match(said("size(request.json.list)"), /size\(\) of JSON/);
    assert.match(said("{'a': 1}"), /a map that is written out has no counterpart/);
    assert.match(said('request.headers.exists(h, h == "a")'), /request.headers cannot be run through/);
    assert.match(said("string(1.5)"), /string\(\) of double/);
    // Each of them would stand several times in the next one.
    const nested = `${"size(string(".repeat(20)}1${"))".repeat(20)}`;
    assert.match(said(nested), /it becomes too long in C#/);
    assert.match(said('int(request.path) == 1 || request.headers["a"] == "b"'), /what may fail stands beside/);
  });
});

/** The same numbers in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 4_294_967_296;
}

class Generator {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = random(seed);
  }

  #pick(items: readonly string[]): string {
    return items[Math.floor(this.#next() * items.length)] as string;
  }

  bool(depth: number): string {
    if (depth <= 0) {
      return this.#pick([
        '"x-a" in request.headers',
        "true",
        "false",
        "variables.yes",
        "has(variables.text)",
        "principal.authenticated",
        "response == null",
      ]);
    }
    const [a, b] = [() => this.bool(depth - 1), () => this.bool(depth - 1)];
    switch (Math.floor(this.#next() * 10)) {
      case 0:
      case 1:
        return `(${a()} && ${b()})`;
      case 2:
      case 3:
        return `(${a()} || ${b()})`;
      case 4:
        return `!${a()}`;
      case 5:
        return `(${this.text(depth - 1)} ${this.#pick(["==", "!=", "<", ">="])} ${this.text(depth - 1)})`;
      case 6:
        return `(${this.whole(depth - 1)} ${this.#pick(["==", "!=", "<", "<=", ">", ">="])} ${this.whole(depth - 1)})`;
      case 7:
        return `${this.text(depth - 1)}.${this.#pick(["startsWith", "endsWith", "contains"])}(${this.text(depth - 1)})`;
      case 8:
        return `(${this.text(depth - 1)} in ${this.list()})`;
      default:
        return `(${a()} ? ${b()} : ${this.bool(depth - 1)})`;
    }
  }

  text(depth: number): string {
    if (depth <= 0) {
      return this.#pick([
        '""',
        '"a"',
        '"admin"',
        "request.method",
        "request.path",
        'request.headers["x-role"]',
        "request.headers.missing",
        "parameters.id",
        "request.query.a",
        "principal.email",
        "subscription.id",
      ]);
    }
    switch (Math.floor(this.#next() * 6)) {
      case 0:
        return `(${this.text(depth - 1)} + ${this.text(depth - 1)})`;
      case 1:
        return `(${this.bool(depth - 1)} ? ${this.text(depth - 1)} : ${this.text(depth - 1)})`;
      case 2:
        return `string(${this.whole(depth - 1)})`;
      case 3:
        return `${this.text(depth - 1)}.${this.#pick(["lowerAscii()", "trim()", "substring(1)", "substring(0, 2)"])}`;
      case 4:
        return `${this.list()}.join("-")`;
      default:
        return this.text(0);
    }
  }

  whole(depth: number): string {
    if (depth <= 0)
      return this.#pick(["0", "1", "-3", "7", "response.status", "variables.number", "size(request.path)"]);
    const op = this.#pick(["+", "-", "*", "/", "%"]);
    if (this.#next() < 0.5)
      return `(${this.whole(depth - 1)} ${op} ${this.#pick(["1", "2", "-3", "response.status"])})`;
    return this.#next() < 0.5
      ? `size(${this.text(depth - 1)})`
      : `(${this.bool(depth - 1)} ? ${this.whole(0)} : ${this.whole(0)})`;
  }

  list(): string {
    return this.#pick([
      '["a", "GET", "admin"]',
      "principal.groups",
      "principal.roles",
      '"a,b".split(",")',
      "[]",
      'principal.groups.filter(g, g != "sales")',
    ]);
  }
}

describe("CEL as C#, made at random", () => {
  it("gives the same, or fails where CEL fails", () => {
    const generator = new Generator(7);
    let translated = 0;
    const rounds = 600;
    for (let round = 0; round < rounds; round += 1) {
      const source = round % 3 === 0 ? generator.text(3) : round % 3 === 1 ? generator.whole(3) : generator.bool(4);
      try {
        agree(source);
        translated += 1;
      } catch (error) {
        if (!(error instanceof Untranslatable)) throw error;
      }
    }
    assert.ok(translated > rounds * 0.6, `${translated} of ${rounds} have a counterpart`);
  });
});
