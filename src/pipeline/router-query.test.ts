import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "#model/header-list.ts";
import type { RouterTable } from "#model/snapshot.ts";
import { buildRouterTable } from "#compile/router-table.ts";
import { parseOperationTemplate } from "#notation/operation-template.ts";
import { createRouter, RouteMatch } from "./router.ts";

/** `GET /items?kind={kind}` → one operation of an API at the root. */
function table(lines: readonly string[]): RouterTable {
  const operations = lines.map((line) => {
    const [method = "", text = ""] = line.split(" ");
    const parsed = parseOperationTemplate(text);
    assert.ok("query" in parsed);
    return { method, template: parsed.template, ...(parsed.query.length === 0 ? {} : { query: parsed.query }) };
  });
  return buildRouterTable([{ hosts: [], path: "/", version: null, revision: null, firstRoute: 0, operations }]);
}

function ask(routes: RouterTable, request: string): unknown {
  const [method = "", target = ""] = request.split(" ");
  const [path = "", query = ""] = target.split("?");
  const into = new RouteMatch();
  const result = createRouter(routes).match("any.test", method, path, into, { headers: new HeaderList(), query });
  return result === "found" ? { route: into.route, ...into.parameters } : result;
}

describe("routes that queries tell apart", () => {
  const lines = ["GET /items", "GET /items?kind={k}", "GET /items?kind=book", "GET /items?kind={k}&page={page}"];

  it("are the ones with most of the query, and text before parameters, in whichever order they are written", () => {
    for (const written of [lines, lines.toReversed()]) {
      const routes = table(written);
      const at = (line: string): number => written.indexOf(line);
      assert.deepEqual(ask(routes, "GET /items"), { route: at("GET /items") });
      assert.deepEqual(ask(routes, "GET /items?kind=a%20b"), { route: at("GET /items?kind={k}"), k: "a b" });
      assert.deepEqual(ask(routes, "GET /items?kind=book&x=1"), { route: at("GET /items?kind=book") });
      const both = { route: at("GET /items?kind={k}&page={page}"), k: "book", page: "2" };
      assert.deepEqual(ask(routes, "GET /items?page=2&%6Bind=book"), both);
      assert.deepEqual(ask(routes, "GET /items?kind="), { route: at("GET /items?kind={k}"), k: "" });
      assert.deepEqual(ask(routes, "HEAD /items?kind=book"), { route: at("GET /items?kind=book") });
    }
  });

  it("are not found without it, and a broader one is then", () => {
    const strict = table(["GET /items?kind={kind}", "POST /items"]);
    assert.equal(ask(strict, "GET /items"), "not-found");
    assert.equal(ask(strict, "GET /items?Kind=a"), "not-found");
    assert.equal(ask(strict, "PUT /items?kind=a"), "method-not-allowed");
    const broad = table(["GET /items?kind={kind}", "* /items", "GET /{*rest}"]);
    assert.deepEqual(ask(broad, "GET /items"), { route: 1 });
    assert.deepEqual(ask(table(["GET /items?kind={kind}", "GET /{*rest}"]), "GET /items"), {
      route: 2 - 1,
      rest: "items",
    });
  });

  it("are nobody's where the text that is asked for has another one beside it", () => {
    const routes = table(["GET /items?kind=book", "GET /items", "GET /{*rest}"]);
    assert.equal(ask(routes, "GET /items?kind=book&kind=secret"), "not-found");
    assert.equal(ask(routes, "GET /items?kind=secret&kind=book"), "not-found");
    assert.deepEqual(ask(routes, "GET /items?kind=book&kind=book"), { route: 0 });
    assert.deepEqual(ask(routes, "GET /items?kind=secret"), { route: 1 });
  });

  it("give parameters of path and query, all values of one that is there several times", () => {
    const routes = table(["GET /users/{id}/keys?include={what}"]);
    assert.deepEqual(ask(routes, "GET /users/7/keys?include=a&include=b"), { route: 0, id: "7", what: "a,b" });
    assert.deepEqual(ask(routes, "GET /users/7/keys?include=__proto__"), { route: 0, id: "7", what: "__proto__" });
  });

  it("cannot be there twice", () => {
    assert.throws(() => table(["GET /a?x={x}", "GET /a?x={y}"]), /is there twice/);
    assert.throws(() => table(["GET /{a}?x=1&y=2", "GET /{b}?y=2&x=1"]), /is there twice/);
    assert.throws(() => table(["GET /a?x={x}", "GET /a", "GET /a"]), /is there twice/);
  });
});
