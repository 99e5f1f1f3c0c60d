import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import { expression, exchangeFor, policy, start, testing } from "#policy/policy.test-helper.ts";
import { localTransforms } from "#policy/transforms/local.ts";
import type { Transforms } from "#policy/transforms/transforms.ts";
import type { Argument } from "#model/policy-tree.ts";
import type { ApiFacts } from "#model/snapshot.ts";

const schema = `
type Query { me: User, users(first: Int): [User], node(id: ID!): Node, actor: Actor }
type Mutation { deleteUser(id: ID!): Boolean, addUser(name: String!): User }
type Subscription { changed: User }
interface Node { id: ID! }
interface Actor { email: String }
type User implements Node & Actor { id: ID!, name: String, email: String, friends: [User] }
type Bot implements Node { id: ID! }
`;

interface Result {
  /** What goes on; undefined: it was refused. */
  readonly query: string | undefined;
  readonly errors: readonly string[];
  readonly exchange: Exchange;
}

interface Sent {
  readonly body?: string | object;
  readonly type?: string;
  readonly method?: string;
  readonly url?: string;
  readonly schema?: string;
}

type Rule = readonly [path: string, action: string | Argument];

async function send(sent: Sent, args: Parameters<typeof policy>[1] = {}, ...rules: readonly Rule[]): Promise<Result> {
  const { body, type = "application/json", method = "POST", url = "" } = sent;
  const exchange = exchangeFor(["Content-Type", type], { method, query: url });
  exchange.request.body =
    body === undefined ? null : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  if (sent.schema !== undefined) exchange.api = { ...exchange.api, graphqlSchema: sent.schema } as ApiFacts;
  const authorize = rules.map(([path, action]) => ({ path, action }));
  const node = policy("validate-graphql-request", { maxSize: 2000, errorVariable: "wrong", authorize, ...args });
  const outcome = await start([node], exchange);
  const told = (exchange.variables?.get("GraphQLErrors") ?? []) as { message: string }[];
  const errors = told.map(({ message }) => message);
  if (errors.length > 0) assert.equal(exchange.variables?.get("wrong"), told);
  if (outcome !== undefined) {
    assert.ok(outcome.kind === "refusal");
    if (outcome.answer === undefined) return { query: outcome.reason, errors: [outcome.detail ?? ""], exchange };
    assert.equal(outcome.answer.status, 400);
    assert.deepEqual(JSON.parse(Buffer.from(outcome.answer.body ?? []).toString()), { errors: told });
    return { query: undefined, errors, exchange };
  }
  const text = Buffer.from(exchange.request.body ?? []).toString();
  const query = method === "GET" ? new URLSearchParams(exchange.request.query).get("query") : text;
  const parsed =
    type === "application/json" && method === "POST" ? (JSON.parse(text) as { query: string }).query : query;
  return { query: (parsed ?? "").replace(/\s+/g, " ").trim(), errors, exchange };
}

const query = async (
  text: string,
  args: Parameters<typeof policy>[1] = {},
  ...rules: readonly Rule[]
): Promise<string> => {
  const result = await send({ body: { query: text } }, args, ...rules);
  return result.query ?? result.errors.join("; ");
};

describe("validate-graphql-request", () => {
  it("lets good queries go on, by POST, as application/graphql and by GET", async () => {
    const text = "query Q($id: ID!) { node(id: $id) { id } }";
    assert.equal(await query(text), text);
    assert.equal((await send({ body: text, type: "application/graphql" })).query, text);
    assert.equal((await send({ method: "GET", url: `a=1&query=${encodeURIComponent(text)}` })).query, text);
  });

  it("refuses what is no GraphQL, and too much of it", async () => {
    assert.match(await query("{ me { "), /^Syntax Error/);
    assert.match(await query("type A { b: C }"), /Only operations/);
    assert.match(await query("fragment F on A { b }"), /no operation/);
    assert.match(await query(`{ ${"a ".repeat(1500)} }`), /longer than 2000 bytes/);
    const large = { maxSize: 1_000_000 };
    assert.match(await query(`{ ${"a ".repeat(11_000)} }`, large), /Syntax Error: .*tokens/);
    assert.match(await query(`{ ${"a ".repeat(251)} }`, large), /more than 250 fields/);
    assert.match(await query("{ a { b { c } } }", { maxDepth: 2 }), /deeper than 2/);
    assert.equal(await query("{ a { b } }", { maxDepth: 2 }), "{ a { b } }");
    assert.match(await query("{ ...F } fragment F on Q { a { b { c } } }", { maxDepth: 2 }), /deeper than 2/);
    assert.match(await query(`${"{a".repeat(4000)}${"}".repeat(4000)}`, large), /deeper than 6|too deeply|tokens/);
    assert.match(await query("{ a } { b }"), /same name/);
  });

  it("measures fragments that double each other, and refuses those that hold themselves, in no time", async () => {
    const doubling = Array.from({ length: 60 }, (_, n) => `fragment F${n} on A { ...F${n + 1} ...F${n + 1} }`).join(
      " ",
    );
    const text = `{ ...F0 } ${doubling} fragment F60 on A { a }`;
    assert.match(await query(text, { maxSize: 10_000 }), /more than 250 fields/);
    assert.match(await query("{ ...F } fragment F on A { a { ...F } }"), /holds itself/);
    assert.match(await query("{ a } fragment F on A { ...G } fragment G on A { ...F }"), /holds itself/);
    assert.match(await query("{ ...F }"), /not there/);
    const unused = `{ me { id } } fragment F on User { ${"name ".repeat(4000)} }`;
    const result = await send({ body: { query: unused }, schema }, { maxSize: 100_000 });
    assert.match(result.errors.join(), /more than 250 fields/);
  });

  it("takes one query, from one place", async () => {
    for (const [sent, message] of [
      [{ body: "[]" }, /Several queries/],
      [{ body: "{}" }, /no query/],
      [{ body: '{"query":1}' }, /no query/],
      [{ body: "x" }, /no JSON/],
      [{ body: "1" }, /no object/],
      [{ body: "query={me}", type: "application/x-www-form-urlencoded" }, /content type/],
      [{ body: '{"query":"{a}"}', type: "application/json; charset=utf-16le" }, /UTF-8/],
      [{ body: { query: "{a}" }, url: "query={b}" }, /nothing of it in the URL/],
      [{ body: { query: "{a}" }, url: "%6fperationName=b" }, /nothing of it in the URL/],
      [{ method: "GET", url: "query={a}&query={b}" }, /more than one/],
      [{ method: "GET", url: "q={a}" }, /has no query/],
      [{ method: "GET", url: "query={a}", body: "x" }, /no body/],
      [{ method: "PUT", body: { query: "{a}" } }, /GET or POST/],
    ] as const) {
      assert.match((await send(sent)).errors.join(), message);
    }
    // Whoever takes the first of two reads the same as whoever takes the last.
    const twice = await send({
      body: '{"query":"{ evil }","query":"{ good }","variables":{"n":12345678901234567890}}',
    });
    const text = Buffer.from(twice.exchange.request.body ?? []).toString();
    assert.equal(text, '{"query":"{ good }","variables":{"n":12345678901234567890}}');
  });

  it("rejects, removes and allows fields of operations without a schema", async () => {
    assert.match(await query("{ __schema { types { name } } }", {}, ["/__*", "reject"]), /__schema is not allowed/);
    assert.equal(await query("{ __typename a }", {}, ["/__*", "reject"]), "{ __typename a }");
    const deny: Rule = ["/Mutation/deleteUser", "deny"];
    assert.match(await query("mutation { a: deleteUser(id: 1) }", {}, deny), /deleteUser is not allowed/);
    assert.equal(await query("{ deleteUser }", {}, deny), "{ deleteUser }");
    assert.equal(await query("{ a { secret } secret b }", {}, ["/secret", "remove"]), "{ a { secret } b }");
    for (const hidden of [
      "mutation { ... on Mutation { deleteUser } }",
      "mutation { ... { ... @include(if: true) { deleteUser } } }",
      "mutation { ...F } fragment F on Other { ...G } fragment G on Other { deleteUser }",
      "query A { a } mutation B { deleteUser }",
    ]) {
      assert.match(await query(hidden, {}, deny), /deleteUser is not allowed/, hidden);
    }
  });

  it("leaves a whole query behind what it has removed", async () => {
    const remove: Rule = ["/secret", "remove"];
    const text = "query Q($a: Int, $b: Int) { secret(x: $a) { ...F } other(x: $b) } fragment F on A { x }";
    assert.equal(await query(text, {}, remove), "query Q($b: Int) { other(x: $b) }");
    assert.equal(await query("{ secret }", {}, remove), "{ __typename }");
    assert.match(await query("subscription { secret }", {}, remove), /subscription is not allowed/);
    const result = await send({ body: { query: "{ secret a }" } }, {}, remove);
    assert.deepEqual(result.errors, ["The field secret was removed."]);
  });

  it("takes the most specific rule, the next where one is to be ignored, and computes actions", async () => {
    const computed: Argument = {
      kind: "expression",
      expression: expression('request.method == "POST" ? "allow" : "reject"'),
    };
    assert.equal(await query("{ __schema }", {}, ["/__*", "reject"], ["/__schema", computed]), "{ __schema }");
    assert.match(await query("{ __type }", {}, ["/__*", "reject"], ["/__schema", "allow"]), /not allowed/);
    assert.match(
      await query("{ a }", {}, ["/a", "ignore"], ["/Query/a", "ignore"], ["/Query/*", "reject"]),
      /not allowed/,
    );
    assert.equal(await query("{ a }", {}, ["/a", "maybe"]), "expression-failed");
  });

  it("holds queries to the schema, and rules to its types", async () => {
    const with_ = async (text: string, ...rules: readonly Rule[]): Promise<string> => {
      const result = await send({ body: { query: text }, schema }, {}, ...rules);
      return result.query ?? result.errors.join("; ");
    };
    assert.match(await with_("{ nothing }"), /Cannot query field "nothing" on type "Query"/);
    // A name that is nearly right tells nobody the right one.
    assert.doesNotMatch(await with_("{ mee { id } }"), /Did you mean/);
    const email: Rule = ["/User/email", "remove"];
    assert.equal(await with_("{ me { id friends { email name } } }", email), "{ me { id friends { name } } }");
    assert.equal(
      await with_("{ node(id: 1) { ... on User { email } id } }", email),
      "{ node(id: 1) { ... on User { __typename } id } }",
    );
    // An actor may be a user.
    assert.equal(await with_("{ actor { email } }", email), "{ actor { __typename } }");
    assert.equal(await with_("{ node(id: 1) { id } }", ["/User/id", "reject"]), "The field id is not allowed.");
    assert.equal(
      await with_("{ ...F } fragment F on Query { me { name } }", ["/me", "reject"]),
      "The field me is not allowed.",
    );
  });

  it("refuses everything where a rule needs a schema and there is none", async () => {
    const result = await send({ body: { query: "{ a }" } }, {}, ["/User/email", "reject"]);
    assert.deepEqual([result.query, result.errors.length], ["policy-failed", 1]);
  });

  it("has long queries, and those of long schemas, checked beside this thread, with the same outcome", async () => {
    const asked: number[] = [];
    const beside: Transforms = {
      fromBytes: Infinity,
      run: (name, request, bytes, asset) => {
        asked.push(bytes);
        return localTransforms.run(name, structuredClone(request), bytes, structuredClone(asset));
      },
    };
    const before = testing.transforms;
    testing.transforms = beside;
    try {
      const long = `{ me { id name } } #${"x".repeat(4100)}`;
      const args = { maxSize: 100_000 };
      const rules: readonly Rule[] = [
        ["/User/name", "remove"],
        ["/User/email", { kind: "expression", expression: expression("1 / 0 == 1 ? 'allow' : 'reject'") }],
      ];
      const removed = await send({ body: { query: long }, schema }, args, ...rules);
      assert.deepEqual([removed.query, removed.errors], ["{ me { id } }", ["The field name was removed."]]);
      const failed = await send({ body: { query: long.replace("name", "email") }, schema }, args, ...rules);
      assert.equal(failed.query, "expression-failed", "where a field comes to it");
      const wrong = await send({ body: { query: long.replace("name", "nobody") }, schema }, args);
      assert.match(wrong.errors[0] ?? "", /nobody/);
      const lacking = await send({ body: { query: long } }, args, ["/User/name", "remove"]);
      assert.match(lacking.errors[0] ?? "", /no GraphQL schema/);
      assert.equal(asked.length, 4);
      await send({ body: { query: "{ me { id } }" }, schema }, args);
      assert.equal(asked.length, 4);
      await send({ body: { query: "{ me { id } }" }, schema: `${schema}#${" ".repeat(70_000)}` }, args);
      assert.equal(asked.length, 5);
    } finally {
      testing.transforms = before;
    }
  });
});
