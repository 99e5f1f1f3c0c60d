import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RouteNode, RouterTable } from "#model/snapshot.ts";
import { buildRouterTable, type RoutedApi } from "#compile/router-table.ts";
import { visitBound } from "#compile/walk-bound.ts";
import { createRouter, RouteMatch } from "./router.ts";

type Lines = readonly string[];

/** `GET /orders/{id}` → one operation of an API at the root. */
function table(lines: Lines, hosts: readonly string[] = []): RouterTable {
  return buildRouterTable([api(lines, hosts)]);
}

function api(lines: Lines, hosts: readonly string[] = [], firstRoute = 0, path = "/"): RoutedApi {
  const operations = lines.map((line) => {
    const [method = "", template = ""] = line.split(" ");
    return { method, template };
  });
  return { hosts, path, version: null, revision: null, firstRoute, operations };
}

/** What a request finds, as one comparable value. */
function ask(routes: RouterTable, request: string, host = "any.test"): unknown {
  const [method = "", path = ""] = request.split(" ");
  const into = new RouteMatch();
  const result = createRouter(routes).match(host, method, path, into);
  if (result === "found") return { route: into.route, ...into.parameters };
  return result === "not-found" ? result : into.allowed.join();
}

describe("router", () => {
  it("prefers a literal to a parameter to the rest, and goes back when the literal leads nowhere", () => {
    const routes = table(["GET /a/{x}/c", "GET /a/b/{y}", "GET /a/b/{y}/d", "GET /a/{*all}", "GET /a/b"]);
    assert.deepEqual(ask(routes, "GET /a/b"), { route: 4 });
    assert.deepEqual(ask(routes, "GET /a/b/c"), { route: 1, y: "c" });
    assert.deepEqual(ask(routes, "GET /a/q/c"), { route: 0, x: "q" });
    assert.deepEqual(ask(routes, "GET /a/b/q/d"), { route: 2, y: "q" });
    assert.deepEqual(ask(routes, "GET /a/b/q/e"), { route: 3, all: "b/q/e" });
    assert.deepEqual(ask(routes, "GET /a"), { route: 3, all: "" });
    assert.deepEqual(ask(routes, "GET /a/"), { route: 3, all: "" });
    assert.equal(ask(routes, "GET /b"), "not-found");
  });

  it("does not give an operation's path with a slash behind it to a broader template", () => {
    const routes = table(["GET /a/secret", "POST /a/{x}", "* /{*all}", "GET /b", "GET /b/{*own}", "GET /c", "GET /c/"]);
    assert.equal(ask(routes, "GET /a/secret/"), "not-found");
    assert.equal(ask(routes, "HEAD /a/secret/"), "not-found");
    assert.equal(ask(routes, "POST /a/secret/"), "not-found");
    assert.deepEqual(ask(routes, "PUT /a/secret/"), { route: 2, all: "a/secret/" });
    assert.deepEqual(ask(routes, "GET /a/other/"), { route: 2, all: "a/other/" });
    assert.deepEqual(ask(routes, "GET /b/"), { route: 4, own: "" });
    assert.deepEqual(ask(routes, "GET /c/"), { route: 6 });
  });

  it("prefers a segment with text in it to one without, most text first, and goes back from it", () => {
    const routes = table([
      "GET /a/{id}",
      "GET /a/{name}.json",
      "GET /a/{name}.{type}",
      "GET /a/{from}-{to}.json",
      "GET /a/{stem}.json/x",
      "POST /a/({key})",
      "GET /{p}.txt/{q}/end",
      "GET /{*rest}",
    ]);
    assert.deepEqual(ask(routes, "GET /a/b.json"), { route: 1, name: "b" });
    assert.deepEqual(ask(routes, "GET /a/b.c.json"), { route: 1, name: "b.c" });
    assert.deepEqual(ask(routes, "GET /a/b.c.xml"), { route: 2, name: "b.c", type: "xml" });
    assert.deepEqual(ask(routes, "GET /a/1-2-3.json"), { route: 3, from: "1-2", to: "3" });
    assert.deepEqual(ask(routes, "GET /a/-3.json"), { route: 1, name: "-3" });
    assert.deepEqual(ask(routes, "GET /a/.json"), { route: 0, id: ".json" });
    assert.deepEqual(ask(routes, "GET /a/b."), { route: 0, id: "b." });
    assert.deepEqual(ask(routes, "GET /a/b.json/x"), { route: 4, stem: "b" });
    assert.deepEqual(ask(routes, "GET /a/b.json/y"), { route: 7, rest: "a/b.json/y" });
    assert.deepEqual(ask(routes, "POST /a/(k)"), { route: 5, key: "k" });
    assert.equal(ask(routes, "PUT /a/(k.json)"), "GET,HEAD,POST");
    assert.deepEqual(ask(routes, "GET /f.txt/b/end"), { route: 6, p: "f", q: "b" });
    assert.deepEqual(ask(routes, "GET /f.txt/b/other"), { route: 7, rest: "f.txt/b/other" });
    assert.deepEqual(ask(routes, "HEAD /a/b.json/"), "not-found");
  });

  it("takes no part of an escape for text", () => {
    const routes = table(["GET /{a}2{b}", "GET /{c}0.json", "GET /{d}"]);
    assert.deepEqual(ask(routes, "GET /x%20y"), { route: 2, d: "x y" });
    assert.deepEqual(ask(routes, "GET /x2%20y"), { route: 0, a: "x", b: " y" });
    assert.deepEqual(ask(routes, "GET /x%20.json"), { route: 2, d: "x .json" });
    assert.deepEqual(ask(routes, "GET /x%200.json"), { route: 1, c: "x " });
  });

  it("leaves no value of a way that led nowhere", () => {
    const routes = table(["GET /{p}/{q}/x", "GET /a/{r}/{s}/y", "GET /{t}/b/{*u}"]);
    assert.deepEqual(ask(routes, "GET /a/b/c/z"), { route: 2, t: "a", u: "c/z" });
  });

  it("an API's root is its path with and without the slash; other templates mean what they say", () => {
    const routes = buildRouterTable([api(["GET /", "GET /items", "GET /open/", "GET /{id}/sub"], [], 0, "/orders")]);
    assert.deepEqual(ask(routes, "GET /orders"), { route: 0 });
    assert.deepEqual(ask(routes, "GET /orders/"), { route: 0 });
    assert.deepEqual(ask(routes, "GET /orders/items"), { route: 1 });
    assert.equal(ask(routes, "GET /orders/items/"), "not-found");
    assert.equal(ask(routes, "GET /orders/open"), "not-found");
    assert.deepEqual(ask(routes, "GET /orders/open/"), { route: 2 });
    assert.equal(ask(routes, "GET /"), "not-found");
    assert.deepEqual(ask(table(["GET /"]), "GET /"), { route: 0 });
  });

  it("gives each template its own parameter names and decodes the values", () => {
    const routes = table(["GET /a/{id}", "DELETE /a/{name}", "GET /f/{*rest}", "GET /c/{constructor}/{__proto__}"]);
    assert.deepEqual(ask(routes, "GET /a/x%20y"), { route: 0, id: "x y" });
    assert.deepEqual(ask(routes, "DELETE /a/%C3%A9"), { route: 1, name: "é" });
    assert.deepEqual(ask(routes, "GET /f/x%20/y"), { route: 2, rest: "x /y" });
    const into = new RouteMatch();
    createRouter(routes).match("h", "GET", "/c/1/2", into);
    assert.deepEqual(Object.entries(into.parameters), [
      ["constructor", "1"],
      ["__proto__", "2"],
    ]);
    assert.equal(into.parameters["toString"], undefined);
  });

  it("does not throw on a path that never was normalised", () => {
    const routes = table(["GET /a/{id}", "GET /{*all}"]);
    assert.deepEqual(ask(routes, "GET /a/%zz%E9"), { route: 0, id: "%zz%E9" });
    assert.deepEqual(ask(routes, "GET //x//"), { route: 1, all: "/x//" });
    for (const path of ["", "*", "a/b", "http://x/"]) {
      assert.equal(createRouter(routes).match("h", "GET", path, new RouteMatch()), "not-found");
    }
  });

  it("finds the method: itself, for HEAD also GET, then any; else says which are allowed", () => {
    const routes = table(["GET /a", "POST /a", "GET /b", "HEAD /b", "* /c", "DELETE /{x}"]);
    assert.deepEqual(ask(routes, "HEAD /a"), { route: 0 });
    assert.deepEqual(ask(routes, "HEAD /b"), { route: 3 });
    assert.deepEqual(ask(routes, "BREW /c"), { route: 4 });
    assert.equal(ask(routes, "PUT /a"), "DELETE,GET,HEAD,POST");
    assert.deepEqual(ask(routes, "DELETE /a"), { route: 5, x: "a" });
    assert.equal(ask(routes, "get /a"), "DELETE,GET,HEAD,POST");
  });

  it("clears what an earlier request left in the match", () => {
    const router = createRouter(table(["GET /a/{x}"]));
    const into = new RouteMatch();
    assert.equal(router.match("h", "GET", "/a/1", into), "found");
    assert.equal(router.match("h", "PUT", "/a/1", into), "method-not-allowed");
    assert.deepEqual([into.route, { ...into.parameters }, into.allowed], [-1, {}, ["GET", "HEAD"]]);
    assert.equal(router.match("h", "GET", "/b", into), "not-found");
    assert.deepEqual(into.allowed, []);
  });

  it("tries the exact host, then the wildcard of one label, then any host", () => {
    const routes = buildRouterTable([
      api(["GET /x"], ["api.example.com"], 0),
      api(["GET /x", "GET /w"], ["*.example.com"], 1),
      api(["GET /{any}", "POST /x"], [], 3),
    ]);
    assert.deepEqual(ask(routes, "GET /x", "api.example.com"), { route: 0 });
    assert.deepEqual(ask(routes, "GET /w", "api.example.com"), { route: 2 });
    assert.deepEqual(ask(routes, "GET /q", "api.example.com"), { route: 3, any: "q" });
    assert.deepEqual(ask(routes, "GET /x", "other.example.com"), { route: 1 });
    assert.deepEqual(ask(routes, "GET /x", "a.b.example.com"), { route: 3, any: "x" });
    assert.deepEqual(ask(routes, "GET /x", "example.com"), { route: 3, any: "x" });
    assert.deepEqual(ask(routes, "GET /x", ".example.com"), { route: 3, any: "x" });
    assert.equal(ask(routes, "PUT /x", "api.example.com"), "GET,HEAD,POST");
  });

  it("works on a cloned table, and without names of its own", () => {
    const routes = structuredClone(table(["GET /a/{x}/{*y}"]));
    assert.deepEqual(ask(routes, "GET /a/1/2/3"), { route: 0, x: "1", y: "2/3" });
    const { parameterNames: _, ...plain } = routes;
    assert.deepEqual(ask(plain, "GET /a/1/2/3"), { route: 0, x: "1", y: "2/3" });
  });
});

describe("router's cost", () => {
  it("is the same with 10 and with 10,000 routes", () => {
    const visits = [10, 10_000].map((count) => {
      const lines = Array.from({ length: count }, (_, at) => `GET /service${at}/items/{id}/part${at}`);
      const counted = countVisits(table([...lines, "GET /{x}/{*rest}"]));
      return ["/service7/items/1/part7", "/service7/items/1/none", "/none/2/3"].map((path) => counted(path));
    });
    assert.deepEqual(visits[0], visits[1]);
    assert.deepEqual(visits[0], [4, 5, 2]);
  });

  it("stays below the compiled bound on the path that makes it go back most", () => {
    const depth = 8;
    const lines = Array.from({ length: 2 ** depth }, (_, bits) => `GET ${overlapping(bits, depth)}/end`);
    const routes = table(lines);
    const visits = countVisits(routes)(`${"/a".repeat(depth)}/other`);
    assert.ok(visits > 2 ** depth, "the path must be a hard one");
    assert.ok(visits <= visitBound(routes.tries[0] as RouteNode), `${visits} visits`);
  });

  it("a table whose worst path would cost more is not made", () => {
    const depth = 10;
    const lines = Array.from({ length: 2 ** depth }, (_, bits) => `GET ${overlapping(bits, depth)}/end`);
    assert.throws(() => table(lines), { code: "definition-invalid", message: /overlap too much/ });
  });
});

function overlapping(bits: number, depth: number): string {
  return Array.from({ length: depth }, (_, at) => ((bits >> at) & 1 ? "/a" : `/{p${at}}`)).join("");
}

/** Counts the nodes at which a segment is looked up. */
function countVisits(routes: RouterTable): (path: string) => number {
  let visits = 0;
  const wrap = (node: RouteNode): RouteNode => ({
    get literals() {
      visits++;
      return literals(node);
    },
    patterns: node.patterns,
    parameter: node.parameter && { ...node.parameter, node: wrap(node.parameter.node) },
    rest: node.rest,
    methods: node.methods,
    versions: node.versions,
  });
  const cache = new Map<RouteNode, RouteNode["literals"]>();
  const literals = (node: RouteNode): RouteNode["literals"] => {
    if (!cache.has(node)) {
      cache.set(node, node.literals && new Map([...node.literals].map(([text, child]) => [text, wrap(child)])));
    }
    return cache.get(node) as RouteNode["literals"];
  };
  const router = createRouter({ ...routes, tries: routes.tries.map(wrap) });
  return (path) => {
    visits = 0;
    router.match("any.test", "GET", path, new RouteMatch());
    return visits;
  };
}

describe("router against a naive matcher", () => {
  it("finds the same route and values for thousands of random tables and paths", () => {
    const random = seeded(20_260_101);
    let found = 0;
    let refused = 0;
    for (let round = 0; round < 400; round++) {
      const lines = randomLines(random);
      const routes = table(lines);
      for (let request = 0; request < 20; request++) {
        const asked = `${random(["GET", "HEAD", "POST", "PUT"])} ${randomPath(random)}`;
        const expected = naive(lines, asked);
        assert.deepEqual(ask(routes, asked), expected, `${asked} of ${lines.join("; ")}`);
        if (typeof expected === "object") found++;
        else if (expected !== "not-found") refused++;
      }
    }
    assert.ok(found > 1000 && refused > 500, `too few interesting cases: ${found}, ${refused}`);
  });
});

type Pick = <T>(from: readonly T[]) => T;

function seeded(seed: number): Pick {
  let state = seed;
  return (from) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return from[Math.floor((state / 2 ** 32) * from.length)] as (typeof from)[number];
  };
}

function randomLines(random: Pick): Lines {
  const byPlace = new Map<string, string>();
  for (let count = random([1, 3, 8, 16]); count > 0; count--) {
    const parts = Array.from({ length: random([0, 1, 2, 3, 4]) }, (_, at) =>
      random(["a", "b", "c", `{p${at}}`, `{q${at}}`, `a{p${at}}`, `{p${at}}.{q${at}}`]),
    );
    if (random([true, false, false])) parts.push("{*rest}");
    const line = `${random(["GET", "HEAD", "POST", "*"])} /${parts.join("/")}`;
    byPlace.set(line.replaceAll(/\{\w+\}/g, "{}"), line);
  }
  return [...byPlace.values()];
}

function randomPath(random: Pick): string {
  const parts = Array.from({ length: random([0, 1, 2, 3, 4, 5]) }, () =>
    random(["a", "b", "c", "d", "x%20y", "ab", "a.b"]),
  );
  return `/${parts.join("/")}${parts.length > 0 && random([true, false, false, false]) ? "/" : ""}`;
}

/** The rules, written the slow and obvious way. */
function naive(lines: Lines, asked: string): unknown {
  const [method = "", path = ""] = asked.split(" ");
  const fits = lines.flatMap((line, route) => {
    const [own = "", template = ""] = line.split(" ");
    const fit = naiveFit(template, path);
    return fit === undefined ? [] : [{ route, method: own, ...fit }];
  });
  if (fits.length === 0) return "not-found";
  const wanted = method === "HEAD" ? ["HEAD", "GET", "*"] : [method, "*"];
  const ordered = fits
    .filter((fit) => wanted.includes(fit.method))
    .toSorted((a, b) => compare(a.rank, b.rank) || wanted.indexOf(a.method) - wanted.indexOf(b.method));
  const [best] = ordered;
  if (best !== undefined && isSlashed(lines, wanted, path, best.rank)) return "not-found";
  if (best !== undefined) return { route: best.route, ...best.values };
  const methods = new Set(fits.flatMap((fit) => (fit.method === "GET" ? ["GET", "HEAD"] : [fit.method])));
  return [...methods].toSorted().join();
}

/** Without the last slash, the path is that of a template which is narrower than the one of this rank. */
function isSlashed(lines: Lines, wanted: Lines, path: string, rank: string): boolean {
  if (path === "/" || !path.endsWith("/")) return false;
  return lines.some((line) => {
    const [own = "", template = ""] = line.split(" ");
    const fit = naiveFit(template, path.slice(0, -1));
    return wanted.includes(own) && fit?.rank.endsWith("e") === true && rank > `${fit.rank.slice(0, -1)}r`;
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Rank: a letter a segment, literal before mixed before parameter before rest; the end counts as a literal. */
function naiveFit(template: string, path: string): { rank: string; values: Record<string, string> } | undefined {
  const names: string[] = [];
  let rank = "";
  let pattern = template === "/" ? "/?" : "";
  for (const part of template === "/" ? [] : template.slice(1).split("/")) {
    const own = [...part.matchAll(/\{\*?(\w+)\}/g)].map((found) => found[1] as string);
    names.push(...own);
    rank += part.startsWith("{*") ? "r" : own.length === 0 ? "l" : /^\{\w+\}$/.test(part) ? "p" : own[1] ? "n" : "m";
    pattern += part.startsWith("{*") ? "(?:/(.*))?" : `/${part.replace(".", "\\.").replaceAll(/\{\w+\}/g, "([^/]+)")}`;
  }
  const match = new RegExp(`^${pattern}$`).exec(path);
  if (match === null) return undefined;
  const values = names.map((name, at) => [name, decodeURIComponent(match[at + 1] ?? "")]);
  return { rank: rank.endsWith("r") ? rank : `${rank}e`, values: Object.fromEntries(values) };
}
