import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import { CachingRun, lookingUp, storing } from "#policy/http-cache/caching.test-helper.ts";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { asUser, cel, exchangeFor, portsWith, run } from "#policy/policy.test-helper.ts";

type Args = Parameters<typeof lookingUp>[0];

/** What becomes of each request, one after the other. */
async function answers(args: Args, ...exchanges: readonly Exchange[]): Promise<readonly string[]> {
  const caching = new CachingRun(lookingUp(args));
  const all: string[] = [];
  for (const exchange of exchanges) all.push(await caching.ask(exchange));
  return all;
}

const asking = (query: string, headers: string[] = [], method = "GET"): Exchange =>
  exchangeFor(headers, { query, method });

describe("cache-lookup", () => {
  it("answers with what was stored, and has outbound go on behind cache-store", async () => {
    const caching = new CachingRun(
      policyFromXml("inbound", '<cache-lookup vary-by-developer="false" vary-by-developer-groups="false" />'),
    );
    assert.equal(await caching.ask(), "made");
    const exchange = exchangeFor();
    const outcome = run(lookingUp(), exchange, { ports: portsWith({ cache: caching.cache }) });
    assert.ok(outcome?.kind === "answer");
    assert.deepEqual(
      [outcome.status, outcome.headers.raw, String(outcome.body), outcome.outbound],
      [200, ["Content-Type", "text/plain"], "made", true],
    );
  });

  it("tells copies apart by all of the query where no parameter is named, and by those that are", async () => {
    assert.deepEqual(await answers({}, asking("a=1"), asking("a=1"), asking("a=2")), ["made", "hit", "made"]);
    const byA = { varyByQueryParameter: ["a"] };
    assert.deepEqual(await answers(byA, asking("a=1&b=1"), asking("b=2&a=1"), asking("a=2&b=1")), [
      "made",
      "hit",
      "made",
    ]);
  });

  it("tells copies apart by fields that are named", async () => {
    const [x, y] = [asking("", ["Accept", "x"]), asking("", ["Accept", "y"])];
    assert.deepEqual(await answers({}, x, y), ["made", "hit"]);
    const byAccept = { varyByHeader: ["ACCEPT"] };
    assert.deepEqual(
      await answers(byAccept, asking("", ["Accept", "x"]), asking("", ["Accept", "y"]), asking("", ["accept", "x"])),
      ["made", "made", "hit"],
    );
  });

  it("reads several names between its tags, with semicolons between them", () => {
    const { args } = policyFromXml(
      "inbound",
      '<cache-lookup vary-by-developer="true" vary-by-developer-groups="false"><vary-by-header>Accept; X-A</vary-by-header><vary-by-query-parameter>a;b</vary-by-query-parameter></cache-lookup>',
    );
    const names = (argument: (typeof args)[string] | undefined): unknown =>
      argument?.kind === "list" && argument.items.map((item) => item.kind === "literal" && item.value);
    assert.deepEqual(
      [names(args["varyByHeader"]), names(args["varyByQueryParameter"])],
      [
        ["Accept", "X-A"],
        ["a", "b"],
      ],
    );
  });

  it("is for GET alone", async () => {
    assert.deepEqual(await answers({}, asking("", [], "POST"), asking("", [], "POST")), ["made", "made"]);
    assert.deepEqual(await answers({}, asking(""), asking("", [], "HEAD"), asking("")), ["made", "made", "hit"]);
  });

  it("leaves out requests of one caller, unless private responses may be kept", async () => {
    const withToken = (): Exchange => asking("", ["Authorization", "Bearer x"]);
    assert.deepEqual(await answers({}, withToken(), withToken()), ["made", "made"]);
    assert.deepEqual(
      await answers({}, asking(""), withToken()),
      ["made", "made"],
      "nor does it get what is everybody's",
    );
    const allowing = { allowPrivate: true };
    assert.deepEqual(await answers(allowing, withToken(), withToken()), ["made", "hit"]);
    assert.deepEqual(await answers({ allowPrivate: cel("request.method == 'GET'") }, withToken(), withToken()), [
      "made",
      "hit",
    ]);
    assert.deepEqual(
      await answers(allowing, withToken(), asking("")),
      ["made", "made"],
      "what one caller got is not everybody's",
    );
  });

  it("has a copy for each caller, and for each set of groups, where it is told to", async () => {
    const as = (id: string, groups: string[]): Exchange => asUser(asking(""), { id, groups });
    const each = { allowPrivate: true, varyByDeveloper: true };
    assert.deepEqual(await answers(each, as("a", []), as("b", []), as("a", [])), ["made", "made", "hit"]);
    const groups = { allowPrivate: true, varyByDeveloperGroups: true };
    assert.deepEqual(await answers(groups, as("a", ["x", "y"]), as("b", ["y", "x"]), as("c", ["x"])), [
      "made",
      "hit",
      "made",
    ]);
  });

  it("writes Cache-Control for the client as it is told to", async () => {
    const downstream = async (args: Args): Promise<unknown> => {
      const caching = new CachingRun(lookingUp(args), storing());
      const [first, second] = [exchangeFor(), exchangeFor()];
      await caching.ask(first);
      caching.now += 20_000;
      await caching.ask(second);
      return [first.responseExtras, second.responseExtras];
    };
    assert.deepEqual(await downstream({}), [null, null]);
    const said = (first: string, second = first): unknown => [
      ["Cache-Control", first],
      ["Cache-Control", second],
    ];
    assert.deepEqual(await downstream({ downstreamCaching: "none" }), said("no-store"));
    assert.deepEqual(
      await downstream({ downstreamCaching: "private" }),
      said("private, max-age=60, must-revalidate", "private, max-age=40, must-revalidate"),
    );
    const lenient = { downstreamCaching: cel("'public'"), mustRevalidate: false };
    assert.deepEqual(await downstream(lenient), said("public, max-age=60", "public, max-age=40"));
    assert.deepEqual(await answers({ downstreamCaching: cel("'all'") }, asking("")), ["expression-failed"]);
  });

  it("stores nothing of requests whose fields name another method or path, or a part", async () => {
    for (const name of ["X-HTTP-Method-Override", "X-Original-URL", "Range"]) {
      assert.deepEqual(await answers({}, asking("", [name, "x"]), asking("")), ["made", "made"], name);
    }
  });

  it("stands in inbound, once", () => {
    const lookup = '<cache-lookup vary-by-developer="false" vary-by-developer-groups="false" />';
    assert.match(problemsOfXml("outbound", lookup).join(), /outbound/);
    assert.match(problemsOfXml("inbound", lookup + lookup).join(), /once/);
    const strange = lookup.replace("/>", 'downstream-caching-type="all" />');
    assert.match(problemsOfXml("inbound", strange).join(), /none, private/);
  });
});
