import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { changesForCallers } from "#compile/promotion/promotion.ts";
import { promotionCodes } from "#compile/promotion/codes.ts";
import type { Definition } from "#model/definition.ts";
import { root } from "#test/support/require.ts";
import { loadText } from "#config/fixture.test-helper.ts";

const text = `version: 1
edge: { https: internal, trustedProxies: [10.0.0.1], clientCertificates: { internalCa: true } }
identity:
  providers:
    corp: { issuer: "https://login.example.com/", audiences: ["api://orders"] }
egress: { allow: ["https://one.example"] }
audit: { durability: strict }
policies: { inbound: [ip-filter: { action: forbid, address: [192.0.2.1] }] }
apis:
  orders:
    path: /orders
    hosts: [api.example.com]
    backend: orders
    access: [{ allow: '"staff" in principal.groups' }, { deny: 'principal.kind == "agent"' }]
    policies:
      inbound:
      - base
      - validate-jwt: { provider: corp }
      - rate-limit-by-key: { calls: 100, period: 60s, key: "\${principal.id}" }
      - set-header: { name: X-One, values: [a] }
    operations:
      list: { method: GET, path: / }
      make: { method: POST, path: /, bodySize: 1KiB, policies: { outbound: [base, set-header: { name: X-Two, values: [b] }] } }
      open: { method: GET, path: /open, access: public }
  keyed: { path: /keyed, hosts: [api.example.com], backend: orders }
backends:
  orders: { url: "https://orders.example.com" }
products:
  starter: { apis: [keyed], subscription: key, policies: { inbound: [base, { quota: { calls: 1000, period: 7d } }] } }
subscriptions:
  team: { product: starter, key: { env: KEY } }
`;

const variables = { KEY: "0123456789abcdef", NEXT: "fedcba9876543210" };

async function read(one: string): Promise<Definition> {
  const { definition, diagnostics } = await loadText(one, { variables });
  assert.ok(definition !== null, JSON.stringify(diagnostics.filter(({ severity }) => severity === "error")));
  return definition;
}

async function told(from: string, to: string, whole: string = text): Promise<readonly string[]> {
  assert.ok(whole.includes(from), from);
  const changes = changesForCallers(await read(whole), await read(whole.replace(from, to)));
  return changes.map((change) => `${change.code} ${change.text}`);
}

const everywhere = "operation orders.list, operation orders.make, operation orders.open";
const inOrders = "operation orders.list, operation orders.make";

const keyed = "keyed: { path: /keyed, hosts: [api.example.com], backend: orders";

/** What is changed, to what, and what callers are told. */
const cases: readonly (readonly [from: string, to: string, told: readonly string[]])[] = [
  [
    `{ method: GET, path: / }`,
    `{ method: GET, path: /, access: public }`,
    ["made-public operation orders.list: needs no identity and no key any more"],
  ],
  [
    `open: { method: GET, path: /open, access: public }`,
    `open: { method: GET, path: /open, access: public }\n      more: { method: PUT, path: /more, access: public }`,
    ["made-public operation orders.more: PUT /orders/more is new, and anybody may call it"],
  ],
  [
    `open: { method: GET, path: /open, access: public }`,
    `open: { method: GET, path: /open, access: public }\n      more: { method: PUT, path: /more }`,
    ["operation-added operation orders.more: PUT /orders/more is new"],
  ],
  [
    `      open: { method: GET, path: /open, access: public }\n`,
    "",
    ["operation-removed operation orders.open: GET /orders/open is not there any more"],
  ],
  [
    "path: /open",
    "path: /opened",
    ["path-changed operation orders.open: was GET /orders/open and is GET /orders/opened"],
  ],
  [
    `, { deny: 'principal.kind == "agent"' }`,
    "",
    [`access-widened ${inOrders}: nobody is kept out by principal.kind == "agent" any more`],
  ],
  [
    `{ allow: '"staff" in principal.groups' }, `,
    "",
    [`access-widened ${inOrders}: no rule has to allow the caller any more`],
  ],
  [
    `[{ allow: '"staff"`,
    `[{ allow: '"more" in principal.groups' }, { allow: '"staff"`,
    [`access-widened ${inOrders}: allows whoever "more" in principal.groups holds for`],
  ],
  [
    `"staff" in`,
    `"other" in`,
    [
      `access-widened ${inOrders}: allows whoever "other" in principal.groups holds for`,
      `access-narrowed ${inOrders}: does not allow by "staff" in principal.groups any more`,
    ],
  ],
  ["path: /open, access: public", "path: /open", ["access-narrowed operation orders.open: is not public any more"]],
  [
    "subscription: key,",
    "subscription: open,",
    [
      "access-widened operation keyed.all, product starter: an identity is enough",
      "access-widened operation keyed.all, product starter: nothing at all is enough",
    ],
  ],
  [
    "apis: [keyed]",
    "apis: [keyed, orders]",
    [
      "access-widened product starter: whoever is in it may call the API orders",
      `access-narrowed ${inOrders}: needs a subscription key for a product`,
      "protection-added operation orders.list, operation orders.make, operation orders.open: quota runs as well for the product starter",
    ],
  ],
  [
    "subscription: key,",
    "subscription: identity, members: [{ group: a }],",
    [
      "access-widened operation keyed.all, product starter: an identity is enough",
      "access-narrowed operation keyed.all, product starter: a subscription key is not enough any more",
      "access-narrowed product starter: is for some identities alone",
    ],
  ],
  [
    "      - validate-jwt: { provider: corp }\n",
    "",
    [`protection-dropped ${everywhere}: validate-jwt does not run any more`],
  ],
  [
    "validate-jwt: { provider: corp }",
    "validate-jwt: { provider: corp, clockSkew: 5m }",
    [`protection-changed ${everywhere}: validate-jwt is another than before`],
  ],
  [
    "      - base\n      - validate-jwt",
    "      - validate-jwt",
    [`protection-dropped ${everywhere}: ip-filter does not run any more`],
  ],
  [
    "policies: { inbound: [ip-filter: { action: forbid, address: [192.0.2.1] }] }\n",
    "",
    [
      `protection-dropped ${everywhere}, operation keyed.all: ip-filter does not run any more`,
      "protection-dropped operation keyed.all: ip-filter does not run any more for the product starter",
    ],
  ],
  ["calls: 100,", "calls: 200,", [`limit-looser ${everywhere}: rate-limit-by-key.calls is 200 instead of 100`]],
  ["period: 60s", "period: 30s", [`limit-looser ${everywhere}: rate-limit-by-key.period is 30000 instead of 60000 ms`]],
  ["calls: 100,", "calls: 50,", [`limit-tighter ${everywhere}: rate-limit-by-key.calls is 50 instead of 100`]],
  [
    "calls: 1000,",
    "calls: 10000,",
    ["limit-looser operation keyed.all: quota.calls is 10000 instead of 1000 for the product starter"],
  ],
  [
    'key: "${principal.id}"',
    'key: "${request.clientAddress}"',
    [`protection-changed ${everywhere}: rate-limit-by-key is another than before`],
  ],
  [
    "bodySize: 1KiB",
    "bodySize: 2KiB",
    ["limit-looser operation orders.make: request bodies may have 2048 bytes instead of 1024"],
  ],
  ["values: [a]", "values: [c]", [`policy-changed ${everywhere}: set-header is another than before`]],
  [
    `outbound: [base, set-header: { name: X-Two, values: [b] }]`,
    `outbound: [base]`,
    ["policy-changed operation orders.make: set-header does not run any more"],
  ],
  [
    `      - validate-jwt: { provider: corp }\n`,
    `      - return-response: { status: 204 }\n      - validate-jwt: { provider: corp }\n`,
    [`protection-added ${everywhere}: return-response runs as well`],
  ],
  [
    `trustedProxies: [10.0.0.1]`,
    `trustedProxies: [10.0.0.1, 0.0.0.0/0]`,
    ["proxy-trusted definition edge: forwarded fields of 0.0.0.0/0 are believed"],
  ],
  [
    `  keyed: { path: /keyed,`,
    `  keyed: { shadow: { to: "https://old.example", credentials: none }, path: /keyed,`,
    ["egress-widened API keyed: https://old.example is asked as well"],
  ],
  [
    `  keyed: { path: /keyed,`,
    `  keyed: { shadow: { to: "https://old.example", credentials: as-sent }, path: /keyed,`,
    ["egress-widened API keyed: https://old.example is asked as well, with the callers' own credentials"],
  ],
  [
    `open: { method: GET, path: /open, access: public }`,
    `open: { method: GET, path: /open, access: public, shadow: { to: "https://old.example", credentials: as-sent } }`,
    ["egress-widened API orders: https://old.example is asked as well, with the callers' own credentials"],
  ],
  [
    `https: internal, trustedProxies: [10.0.0.1], clientCertificates: { internalCa: true }`,
    `https: off, trustedProxies: [10.0.0.1]`,
    [
      "access-changed definition edge: clientCertificates is another",
      "clear-text definition edge: clients are served without TLS",
    ],
  ],
  [
    `audiences: ["api://orders"]`,
    `audiences: ["api://orders", "api://all"]`,
    ["identity-changed identity provider corp: what is believed of its tokens is another"],
  ],
  [
    `    corp: {`,
    `    more: { issuer: "https://more.example.com/", audiences: [a] }\n    corp: {`,
    ["issuer-added identity provider more: tokens of https://more.example.com/ are believed"],
  ],
  [
    `"https://one.example"`,
    `"https://one.example", "https://*.two.example"`,
    ["egress-widened definition egress: policies may reach https://*.two.example"],
  ],
  [
    `durability: strict`,
    `durability: batched`,
    ["record-weaker definition audit: responses do not wait for the record any more"],
  ],
  [
    `hosts: [api.example.com]\n    backend`,
    `hosts: [next.example.com]\n    backend`,
    [
      "host-removed API orders: is not served at api.example.com any more",
      "host-added API orders: is served at next.example.com",
    ],
  ],
  [`    hosts: [api.example.com]\n    backend`, `    backend`, ["host-added API orders: is served at any host"]],
  [
    `"https://orders.example.com"`,
    `"http://orders.example.com"`,
    [
      "clear-text backend orders: is called without TLS",
      "backend-moved backend orders: is at http://orders.example.com instead of https://orders.example.com",
    ],
  ],
  [
    `team: { product: starter, key: { env: KEY } }`,
    `team: { all: true, key: { env: KEY } }`,
    ["access-widened subscription team: is for all APIs instead of the product starter"],
  ],
  [
    `key: { env: KEY } }`,
    `key: { env: KEY }, state: suspended }`,
    ["subscription-ended subscription team: is suspended: its keys are refused"],
  ],
  [`key: { env: KEY }`, `key: { env: NEXT }`, ["secret-changed subscription team: primaryKey is another"]],
  [
    `durability: strict`,
    `durability: strict, segmentSize: 1MiB`,
    ["setting-changed definition audit: segmentBytes is another"],
  ],
  [
    keyed,
    `${keyed}, subscriptionKey: { forward: true }`,
    ["access-changed API keyed: subscription keys are passed on to its backend"],
  ],
  [
    keyed,
    `${keyed}, subscriptionKey: { header: X-Key }`,
    [
      "key-moved API keyed: subscription keys are looked for in X-Key or the parameter subscription-key, and not in Ocp-Apim-Subscription-Key or the parameter subscription-key",
    ],
  ],
  [keyed, `${keyed}, maintenance: {}`, ["access-narrowed operation keyed.all: answers 503: it is in maintenance"]],
  [keyed, `${keyed}, login: false`, ["access-changed API keyed: people who have logged in are not known there"]],
  [
    keyed,
    `${keyed}, clientCertificate: require`,
    ["certificate-needed operation keyed.all: needs a client certificate"],
  ],
  ["egress:", "admin: { socket: false }\negress:", ["access-changed definition admin: socket is another"]],
];

describe("what a change means for callers", () => {
  for (const [from, to, expected] of cases) {
    it(`${JSON.stringify(from)} → ${JSON.stringify(to)}`, async () => {
      const found = await told(from, to);
      // What comes to the same for them, or to nothing, may be told besides.
      assert.deepEqual(
        found.filter(
          (one) => expected.includes(one) || (!one.startsWith("setting-changed") && !one.startsWith("backend-changed")),
        ),
        expected,
      );
    });
  }

  it("is nothing where nothing differs, and never nothing where something does", async () => {
    assert.deepEqual(await told("a", "a"), []);
    const reordered = text.replace(
      "access: [{ allow: '\"staff\" in principal.groups' }, { deny: 'principal.kind == \"agent\"' }]",
      "access: [{ deny: 'principal.kind == \"agent\"' }, { allow: '\"staff\" in principal.groups' }]",
    );
    const changes = changesForCallers(await read(text), await read(reordered));
    assert.deepEqual([...new Set(changes.map(({ code }) => code))], ["setting-changed"]);
  });

  it("is a notice where a secret of something else comes from elsewhere, or has another schedule", async () => {
    const others = `loggers: { events: { url: "https://hub.example", authorization: { env: KEY } } }
cache: { external: { url: "rediss://cache.example", password: { env: KEY } } }
secretRotations: { hub: { secret: { env: KEY }, rotation: 90d } }
`;
    const whole = text + others;
    const differing = (from: string, to: string): Promise<readonly string[]> => told(from, to, whole);
    assert.deepEqual(await differing("authorization: { env: KEY }", "authorization: { env: NEXT }"), [
      "secret-changed logger events: authorization.origin is another",
    ]);
    assert.deepEqual(await differing("password: { env: KEY }", "password: { env: NEXT }"), [
      "secret-changed definition cache: external.password.origin is another",
    ]);
    assert.deepEqual(await differing("hub: { secret: { env: KEY }", "hub: { secret: { env: NEXT }"), [
      "secret-changed secret schedule hub: current.origin is another",
    ]);
    const later = await differing("rotation: 90d", "rotation: 180d");
    assert.ok(later.includes("setting-changed secret schedule hub: rotation.every is another"), later.join());
  });

  it("is a danger where nobody knows better", async () => {
    const approvals = `approvals:\n  deploy: { approvers: { anyOf: [{ group: leads }] }, maxDuration: 1h }\n`;
    assert.deepEqual(
      (await told("maxDuration: 1h", "maxDuration: 8h", `${text}${approvals}`)).map((one) => one.split(" ")[0]),
      ["access-changed"],
    );
  });

  it("tells one change of many operations once, the most dangerous first", async () => {
    const changes = changesForCallers(
      await read(text),
      await read(
        text
          .replace("calls: 100,", "calls: 200,")
          .replace("path: /open, access: public", "path: /open")
          .replace("{ method: GET, path: / }", "{ method: GET, path: /, access: public }"),
      ),
    );
    assert.deepEqual(
      changes.map(({ code, level, subjects }) => [code, level, subjects.length]),
      [
        ["made-public", "danger", 1],
        ["limit-looser", "danger", 3],
        ["access-narrowed", "breaking", 1],
      ],
    );
    const levels = Object.values(promotionCodes).map(({ level }) => ["danger", "breaking", "notice"].indexOf(level));
    assert.deepEqual(levels, levels.toSorted(), "the table is in that order");
  });

  it("has a line for each code in the documentation", () => {
    const page = readFileSync(join(root, "docs", "howto", "environments.md"), "utf8");
    const lines = [...page.matchAll(/^\| `([a-z-]+)` +\| (\w+) +\| (.+?) +\|$/gm)].map(([, ...parts]) => parts);
    const codes = Object.entries(promotionCodes).map(([code, { level, about }]) => [code, level, about]);
    assert.deepEqual(lines, codes);
  });
});
