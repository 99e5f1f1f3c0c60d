import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Access, ProductSubscription } from "#model/definition.ts";
import type { Snapshot } from "#model/snapshot.ts";
import { atOnce } from "#lib/slices.ts";
import { pack } from "#threads/packed/pack.ts";
import { unpack } from "#threads/packed/unpack.ts";
import { compileSnapshot } from "./compile.ts";
import { api, base, definition, node, operation, product } from "./definition.test-helper.ts";

const rules: Access = {
  kind: "rules",
  rules: [{ effect: "allow", condition: { language: "cel", source: "true", at: { file: "f", line: 1, column: 1 } } }],
};
const unsaid: Access = { kind: "unsaid" };

function plan(own: Access, broader: Access, ...kinds: readonly ProductSubscription[]): unknown {
  const operations = [operation("get", { access: own })];
  const products = kinds.map((subscription, at) => product(`p${at}`, { apis: ["a"], subscription }));
  const { routes } = compileSnapshot(definition({ apis: [api("a", { access: broader, operations })], products }));
  const { public: open, rules: found, subscription } = routes[0]?.access ?? assert.fail();
  return [open, found.length, subscription];
}

function twice(hosts: readonly string[]): Snapshot {
  return compileSnapshot(
    definition({
      apis: [
        api("a", { path: "/x", hosts: ["h.test"], operations: [operation("one", { template: "/{a}" })] }),
        api("b", { path: "/x", hosts, operations: [operation("two", { template: "/{b}" })] }),
      ],
    }),
  );
}

/** `scope:name` of what runs in a section: without a product, then for each product. */
function running(section: "inbound" | "backend" | "outbound" | "onError", snapshot: Snapshot): readonly string[] {
  return (snapshot.routes[0]?.chains ?? []).map(({ product: at, chain }) => {
    const policies = snapshot.chains[chain]?.[section] ?? assert.fail();
    return `${at}: ${policies.map((policy) => `${policy.scope}:${policy.node.name}`).join(" ")}`.trim();
  });
}

describe("routes", () => {
  it("carry what the request's steps need", () => {
    const backend = {
      name: "b",
      targets: [{ url: "http://127.0.0.1:1", weight: 1, priority: 1 }],
      balance: { policy: "round-robin", choices: 2, name: "" },
      sticky: null,
      discover: null,
      retries: null,
      passiveHealth: null,
      circuitBreaker: null,
      outliers: null,
      slowStartMs: 0,
      maxActive: 1_000_000,
      connectTimeoutMs: 1,
      idleTimeoutMs: 1,
      streamIdleTimeoutMs: 60_000,
      maxConnections: 1,
      maxWaiting: 1,
      protocol: "auto",
      host: "preserve",
      ca: null,
      tls: null,
      proxyProtocol: null,
      credentials: null,
      health: null,
      at: { file: "f", line: 1, column: 1 },
    } as const;
    const { routes, apis } = compileSnapshot(
      definition({
        backends: [backend],
        apis: [
          api("root", { path: "/", operations: [operation("all", { template: "/x/{id}", method: "*" })] }),
          api("café", { backend: "b", bodyBytes: 5, timeoutMs: 7, operations: [operation("get", { template: "/" })] }),
        ],
      }),
    );
    assert.deepEqual(apis[1]?.name, "café");
    assert.deepEqual(
      routes.map((route) => Object.fromEntries(Object.entries(route).filter(([key]) => !/access|chains/.test(key)))),
      [
        {
          id: 0,
          api: 0,
          operation: "all",
          method: "*",
          template: "/x/{id}",
          apiPathLength: 0,
          handler: { kind: "proxy" },
          compression: null,
          maintenance: null,
          backend: -1,
          bodyBytes: 1000,
          timeoutMs: 60_000,
          description: null,
          examples: [],
          forwardAuth: false,
          upgrades: ["websocket"],
        },
        {
          id: 1,
          api: 1,
          operation: "get",
          method: "GET",
          template: "/café",
          apiPathLength: 10,
          handler: { kind: "proxy" },
          compression: null,
          maintenance: null,
          backend: 0,
          bodyBytes: 5,
          timeoutMs: 7,
          description: null,
          examples: [],
          forwardAuth: false,
          upgrades: ["websocket"],
        },
      ],
    );
  });

  it("say who may call: the operation, else its API, else its products", () => {
    assert.deepEqual(plan({ kind: "public" }, rules), [true, 0, "none"]);
    assert.deepEqual(plan(rules, { kind: "public" }), [false, 1, "none"]);
    assert.deepEqual(plan(unsaid, rules, "key"), [false, 1, "key"]);
    assert.deepEqual(plan(unsaid, unsaid, "identity", "identity"), [false, 0, "identity"]);
    assert.deepEqual(plan(unsaid, unsaid, "identity", "key"), [false, 0, "either"]);
    assert.deepEqual(plan(unsaid, unsaid, "either"), [false, 0, "either"]);
    assert.throws(() => plan(unsaid, unsaid), { code: "definition-invalid", message: /a\/get/ });
    assert.throws(() => plan({ kind: "rules", rules: [] }, rules), { code: "definition-invalid" });
  });

  it("two operations at one place are refused, as long as one host could reach both", () => {
    assert.throws(() => twice(["i.test", "h.test"]), { code: "definition-invalid", message: /GET \/x\/\{b\}/ });
    assert.equal(twice(["i.test"]).routes.length, 2);
  });
});

describe("chains", () => {
  const documents = {
    global: { inbound: [node("g")], outbound: [node("go")] },
    product: { inbound: [base, node("p")] },
    api: { inbound: [node("a1"), base, node("a2")] },
  };

  function compiled(policies: Parameters<typeof operation>[1], more: Parameters<typeof definition>[0] = {}): Snapshot {
    return compileSnapshot(
      definition({
        policies: documents.global,
        products: [
          product("other", { apis: ["else"], policies: { inbound: [node("never")] } }),
          product("p", { apis: ["a"], policies: documents.product }),
        ],
        apis: [api("a", { policies: documents.api, operations: [operation("get", policies)] })],
        ...more,
      }),
    );
  }

  it("base inserts the next broader scope where it stands; the product's only for that product", () => {
    const snapshot = compiled({ policies: { inbound: [node("o1"), base] } });
    assert.deepEqual(running("inbound", snapshot), [
      "-1: operation:o1 api:a1 global:g api:a2",
      "1: operation:o1 api:a1 global:g product:p api:a2",
    ]);
    assert.deepEqual(running("outbound", snapshot), ["-1: global:go", "1: global:go"]);
    assert.deepEqual(running("onError", snapshot), ["-1:", "1:"]);
  });

  it("leaving base out drops every broader scope, in that section only", () => {
    const snapshot = compiled({ policies: { inbound: [node("only")] } });
    assert.deepEqual(running("inbound", snapshot), ["-1: operation:only", "1: operation:only"]);
    assert.deepEqual(running("outbound", snapshot), ["-1: global:go", "1: global:go"]);
    const empty = compiled({ policies: { inbound: [] } });
    assert.deepEqual(running("inbound", empty), ["-1:", "1:"]);
    const global = compiled({}, { policies: { inbound: [base, node("g")] } });
    assert.deepEqual(running("inbound", global)[0], "-1: api:a1 global:g api:a2");
  });

  it("an empty backend section means forward; anything beside base keeps the forwarding explicit", () => {
    assert.deepEqual(running("backend", compiled({})), ["-1:", "1:"]);
    assert.deepEqual(running("backend", compiled({ policies: { backend: [base] } })), ["-1:", "1:"]);
    const with2 = compiled({ policies: { backend: [node("set-header"), base] } });
    assert.equal(running("backend", with2)[0], "-1: operation:set-header global:forward-request");
    const own = compiled({ policies: { backend: [node("forward-request")] } });
    assert.equal(running("backend", own)[0], "-1: operation:forward-request");
    assert.throws(() => compiled({ policies: { backend: [] } }), { code: "definition-invalid" });
  });

  it("ten thousand operations without policies of their own make two chains", () => {
    const operations = Array.from({ length: 10_000 }, (_, at) => operation(`op${at}`));
    const { chains, routes } = compileSnapshot(
      definition({
        policies: { inbound: [node("g")] },
        apis: [api("a", { operations: operations.slice(5000) }), api("b", { operations: operations.slice(0, 5000) })],
        products: [product("p", { apis: ["a", "b"], policies: { inbound: [base, node("p")] } })],
      }),
    );
    assert.equal(chains.length, 2);
    assert.equal(routes.length, 10_000);
  });

  it("alike policies at different places stay apart", () => {
    const operations = [1, 2].map((line) => operation(`o${line}`, { policies: { inbound: [node("same", line)] } }));
    assert.equal(compileSnapshot(definition({ apis: [api("a", { operations })] })).chains.length, 2);
  });
});

describe("snapshot", () => {
  it("lists hosts once and sorted, and gives hosts with the same APIs one trie", () => {
    const { hosts, router } = compileSnapshot(
      definition({
        apis: [
          api("a", { hosts: ["b.test", "*.a.test"] }),
          api("b", { hosts: ["*.a.test", "b.test", "c.test"] }),
          api("c", {}),
        ],
      }),
    );
    assert.deepEqual(hosts, ["*.a.test", "b.test", "c.test"]);
    assert.equal(router.tries.length, 3);
    assert.equal(router.exactHosts.get("b.test"), router.wildcardHosts.get("a.test"));
    assert.notEqual(router.exactHosts.get("c.test"), router.exactHosts.get("b.test"));
    assert.equal(router.anyHost, 2);
    assert.equal(compileSnapshot(definition()).router.anyHost, -1);
  });

  it("survives packing, and is frozen to the last route then", () => {
    const compiled = compileSnapshot(definition({ policies: { inbound: [node("g")] }, apis: [api("a")] }));
    const snapshot = atOnce(unpack<Snapshot>(pack(compiled)));
    assert.throws(() => Object.assign(snapshot.routes[0] as object, { access: null }), TypeError);
    assert.throws(() => Object.assign(snapshot.chains[0]?.inbound[0]?.node.args as object, { x: 1 }), TypeError);
    assert.ok(Object.isFrozen(snapshot.router.tries[0]?.literals?.get("a")));
    assert.deepEqual(snapshot, compiled);
  });
});
