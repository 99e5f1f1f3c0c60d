import { localTransforms } from "#policy/transforms/local.ts";
import { BodyRoom } from "#policy/body-room.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadText } from "#config/fixture.test-helper.ts";
import { CoderRoom } from "#content/compress.ts";
import { FileRoom } from "#content/file-room.ts";
import { compileSnapshot } from "#compile/compile.ts";
import type { Definition } from "#model/definition.ts";
import { linkSnapshot, type StablePorts } from "#pipeline/linked.ts";
import type { Snapshot } from "#model/snapshot.ts";
import { createClock } from "#threads/clock.ts";
import { pack } from "#threads/packed/pack.ts";
import { unpack } from "#threads/packed/unpack.ts";
import { atOnce } from "#lib/slices.ts";
import { root } from "#test/support/require.ts";
import type { Dice } from "#test/soak/support.ts";
import { mutate } from "./mutate.ts";
import type { Finding, Target } from "./target.ts";

/** Far above what any of the texts needs: what takes longer grows with something that it should not grow with. */
const mostMs = 5000;

const demo = (file: string): string => readFileSync(join(root, "demo", file), "utf8");
const openapi = demo("orders.openapi.yaml");

const rich = `version: 1
edge:
  https: internal
  listen: { https: ["127.0.0.1:8443", "[::1]:8443"], http: ":8080" }
  trustedProxies: [10.0.0.0/8, "::1"]
  hsts: { maxAge: 365d, includeSubDomains: true }
  limits: { headerSize: 8KiB, bodySize: 10MiB, idleTimeout: 1m }
policies:
  inbound: [{ ip-filter: { action: forbid, address: [192.0.2.1], addressRange: [{ from: 198.51.100.1, to: 198.51.100.9 }] } }]
apis:
  files:
    hosts: [files.example.com, "*.example.com"]
    path: /files
    backend: store
    access: [{ deny: 'principal.kind == "anonymous"' }, { allow: 'principal.groups.exists(g, g.startsWith("team-"))' }]
    policies:
      inbound:
        - base
        - choose:
            when:
              - condition: 'request.query[?"v"].orValue("") == "2" && size(request.path) < 100'
                policies: [{ set-backend-service: { backendId: other } }, { set-header: { name: X-V, values: ["2"] } }]
            otherwise: [{ set-variable: { name: plan, value: "\${principal.id}" } }]
        - rate-limit-by-key: { calls: 10, period: 1m, key: "\${request.clientAddress}-\${request.method}" }
        - check-header: { name: X-Token, values: [a, b], failedStatus: 403, failedMessage: "no" }
        - cors: { allowedOrigins: ["https://app.example.com"], allowedMethods: [GET, PUT], allowCredentials: true }
      outbound: [base, { set-header: { name: Server, ifExists: delete } }]
      on-error: [base, { set-status: { code: 503, reason: "later" } }]
    operations:
      read: { method: GET, path: "/{*rest}" }
      write: { method: PUT, path: "/{id}/{name}", access: public, policies: { inbound: [{ mock-response: { statusCode: 200 } }] } }
backends:
  store: { urls: ["http://127.0.0.1:9000/base", "https://store.example.com"], connectTimeout: 1s, host: upstream }
  other: { url: "{{other}}" }
  many:
    targets: [{ url: "http://127.0.0.1:9002", weight: 3 }, { url: "http://127.0.0.1:9003", priority: 2 }]
    balance: { policy: header, name: X-Tenant }
    sticky: { cookie: node, ttl: 1h, sameSite: strict, path: /files }
    retries: { count: 2, on: [reset, timeout, 502-504], methods: [GET], backOff: { first: 10ms }, budget: { percent: 10 } }
    health: { path: /healthz, headers: { X-Probe: "1" }, status: [2xx, 301], matches: "ok|fine", port: 9004 }
    passiveHealth: { maxFails: 3, status: 5xx, latency: 2s }
    circuitBreaker: { percent: 50, trip: 30s, acceptRetryAfter: true }
    outliers: { consecutive: 3, maxPercent: 50 }
    slowStart: 30s
  found: { discover: { type: srv, name: _files._tcp.internal, resolver: "127.0.0.1:8600" } }
products: { gold: { apis: [files], subscription: either, policies: { inbound: [{ quota: { calls: 5, period: 1d } }] } } }
subscriptions: { a: { product: gold, key: { env: A_KEY } }, b: { api: files, key: { env: B_KEY } } }
egress: { allow: ["https://*.example.com"] }
environments:
  dev: { values: { other: "http://127.0.0.1:9001" } }
`;

const seeds: readonly string[] = [
  demo("sallyport.yaml"),
  rich,
  `version: 1\napis: { a: { path: /a, backend: b, access: public } }\nbackends: { b: { url: "http://127.0.0.1:1" } }\n`,
];

const pieces: readonly string[] = [
  ..."{}[]:,-#&*!|>'\"%@`?~\\".split(""),

  "{{",
  "}}",
  "${",
  ": ",
  "- ",
  "\n",
  "\n  ",
  "\t",
  "\0",
  "\ufeff",
  "\u2028",
  "é",
  "null",
  "true",
  "1e999",
  "-1",
  ".inf",

  "&a ",
  "*a",
  "<<: *a",
  "!!binary ",
  "!!set ",
  "? ",
  "--- ",
  "...",
  "__proto__",
  "constructor",
  "base",
  "public",

  "0s",
  "99999999999d",
  "1KiB",
  "{*rest}",
  "{id}",
  "//",
  "/../",
  "%2f",
  "[::1]",
  "0.0.0.0/0",
  "https://",
  "(((((",
  "a.b.c",

  "x".repeat(300),
  "[".repeat(200),
  "{a: ".repeat(100),
  "&a [*a, *a]",
  "matches('(a+)+$')",
];

const fail = (): never => {
  throw new Error("nothing runs while a definition is linked");
};

const ports: StablePorts = {
  tokens: { verify: fail } as unknown as StablePorts["tokens"],
  trustedTokens: { verify: fail },
  rateLimiter: { take: fail, add: fail },
  limiterId: () => 1,
  quota: { take: fail, add: fail } as unknown as StablePorts["quota"],
  concurrency: { enter: fail, leave: fail },
  managedIdentity: { token: fail },
  clock: createClock(),
  log: { info: fail, warn: fail, error: fail },
  apiLog: { write: fail },
  policyMeter: { emit: fail },
  cache: { maxEntryBytes: 0, get: fail, put: fail, remove: fail },
  connections: { token: fail },
  certificateStatuses: { of: fail },
  transforms: localTransforms,
  bodies: new BodyRoom(1024, 1024),
  egress: { fetch: fail },
};

/** Texts of a definition: never thrown at, never slow, problems have places, and what is accepted can be served. */
export function definitionTarget(): Target {
  const tally = { accepted: 0, refused: 0 };
  const run = async (dice: Dice): Promise<Finding | null> => {
    const text = mutate(seeds, pieces, dice);
    const document = dice.below(3) === 0 ? mutate([openapi], pieces, dice) : openapi;
    const input = `${text}\n=== orders.openapi.yaml\n${document}`;
    const started = performance.now();
    try {
      const wrong = await check(text, document);
      const took = performance.now() - started;
      if (took > mostMs) return { problem: `it took ${took.toFixed(0)} ms`, input };
      return wrong === null ? null : { problem: wrong, input };
    } catch (error) {
      return { problem: `it threw: ${error instanceof Error ? error.stack : String(error)}`, input };
    }
  };

  async function check(text: string, document: string): Promise<string | null> {
    const { definition, diagnostics } = await loadText(text, {
      files: { "orders.openapi.yaml": document, "/.sallyport/demo/orders.key": "sp_cccccccccccccccccccccccccccccccc" },
      values: {},
      variables: { A_KEY: "sp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", B_KEY: "sp_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" },
      // A definition without environments has none to choose.
      ...(text.includes("environments:") ? { environment: "dev" } : {}),
    });
    const errors = diagnostics.filter(({ severity }) => severity === "error").length;
    if ((definition === null) !== errors > 0)
      return `${errors} errors, and ${definition === null ? "no" : "a"} definition`;
    const lost = diagnostics.find(({ at }) => at.file === "" || at.line < 1 || at.column < 1);
    if (lost !== undefined) return `a problem without a place: ${JSON.stringify(lost)}`;
    if (definition === null) tally.refused += 1;
    else tally.accepted += 1;
    return definition === null ? null : serve(definition);
  }
  return { name: "definition", lanes: 1, run, tally, close: async () => {} };
}

/** As the gateway would: compiled, cloned to a worker, linked there. */
function serve(definition: Definition): string | null {
  const snapshot = compileSnapshot(definition);
  const clone = atOnce(unpack<Snapshot>(pack(snapshot)));
  const steps = linkSnapshot(
    { snapshot: clone, forward: {} as never, events: { opened() {}, finished() {}, strict: null }, redaction: null },
    ports,
    {
      check: fail,
      files: new FileRoom(() => 0),
      acme: fail,
      backendTokens: { find: fail },
      assertions: { for: fail },
      coders: new CoderRoom(),
      fastCgi: { server: () => ({ run: fail }), close: fail },
    },
  );
  atOnce(steps);
  return clone.hash === snapshot.hash ? null : "another hash after cloning";
}
