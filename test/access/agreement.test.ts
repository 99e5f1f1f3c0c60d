import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { AccessCheck } from "#app/access/access-check.ts";
import { loadDefinition } from "#config/load.ts";
import { toPrincipal } from "#identity/principal.ts";
import type { Definition, Provider } from "#model/definition.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { type Reply, send } from "#test/forward-auth/setting.ts";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";

const door = "/.sallyport/auth";
const host = "app.test";

/** Conditions of every kind: over identity, request and time; some fail for some callers, some are wrong for all. */
const conditions = [
  '"staff" in principal.groups',
  '"admin" in principal.roles',
  '"orders.read" in principal.scopes',
  'principal.kind == "service"',
  "principal.authenticated",
  "principal.claims.level >= 3",
  "has(principal.claims.level) && principal.claims.level >= 3",
  "principal.claims.flag",
  '"payroll" in principal.approvals',
  'request.method in ["GET", "HEAD"]',
  'request.path.matches("/items/[0-9]+$")',
  'request.headers[?"x-stage"].orValue("") == "beta"',
  'request.headers["x-stage"] == "beta"',
  'request.query["a"] == "1"',
  'request.scheme == "http"',
  'request.clientAddress == "203.0.113.7"',
  'now.getFullYear("Europe/Berlin") > 2024',
  'now.getDayOfWeek("Asia/Tokyo") > 6',
  'now < timestamp("2020-01-01T00:00:00Z")',
];
const ruleReasons = ["group-missing", "scope-missing", "outside-hours", "address-not-allowed"];

const callers: readonly (Record<string, unknown> | null)[] = [
  null,
  { sub: "ann", groups: ["staff"], scp: "orders.read", level: 5 },
  { sub: "bob", roles: ["admin"], level: "high", flag: true },
  { sub: "worker", azp: "worker", client_id: "worker", groups: [], flag: false },
  { sub: "eve" },
];
const requests = [
  { method: "GET", path: "/items/7?a=1", headers: ["X-Stage", "beta"] },
  { method: "DELETE", path: "/items/x", headers: [] },
  { method: "GET", path: "/%69tems/./7", headers: [] },
] as const;

/** Reproducible. @see https://en.wikipedia.org/wiki/Linear_congruential_generator */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomRules(next: (below: number) => number): string {
  const rules = Array.from({ length: 1 + next(4) }, () => {
    const effect = next(3) === 0 ? "deny" : "allow";
    const reason = next(2) === 0 ? "" : `, reason: ${ruleReasons[next(ruleReasons.length)]}`;
    return `{ ${effect}: '${conditions[next(conditions.length)]}'${reason} }`;
  });
  return `[${rules.join(", ")}]`;
}

const apis = 32;

function definitionFor(issuer: string): string {
  const next = generator(20_261_126);
  const rows = Array.from({ length: apis }, (_, at) => {
    const access = at === 0 ? "public" : randomRules(next);
    return `  api${at}: { path: /api${at}, respond: { status: 204 }, forwardAuth: true, access: ${access} }`;
  });
  return `version: 1
edge:
  https: "off"
  listen: { http: "127.0.0.1:0" }
  trustedProxies: [127.0.0.1]
  forwardAuth: { path: ${door}, callers: [127.0.0.1] }
identity: { providers: { corp: { issuer: "${issuer}", audiences: ["api://test"] } } }
approvals: { payroll: { approvers: { anyOf: [{ group: leads }] } } }
apis:
${rows.join("\n")}
`;
}

describe("the proxy, forward_auth and access test", () => {
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  let definition: Definition;

  before(async () => {
    issuer = await startIssuer();
    gateway = await startTestGateway({ definition: definitionFor(issuer.url), args: ["--workers", "1"] });
    const file = join(gateway.folder, "sallyport.yaml");
    const loaded = await loadDefinition({ file, values: {}, variables: {}, readFile });
    assert.ok(loaded.definition);
    ({ definition } = loaded);
  });
  after(async () => {
    await gateway.cleanUp();
    await issuer.close();
  });

  const principalOf = (claims: Record<string, unknown> | null): Principal => {
    if (claims === null) return anonymous;
    const principal = toPrincipal("", claims, definition.providers[0] as Provider);
    assert.ok("id" in principal);
    return principal;
  };

  it(`say the same of ${apis * callers.length * requests.length} requests`, async () => {
    const check = new AccessCheck(definition, { now: () => Date.now(), mono: () => performance.now() });
    const seen = new Map<string, number>();
    for (const claims of callers) {
      const authorization = claims === null ? [] : ["Authorization", `Bearer ${await issuer.token(claims)}`];
      for (let api = 0; api < apis; api += 1) {
        for (const { method, path, headers } of requests) {
          const target = `/api${api}${path}`;
          const from = ["X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto", "http"];
          const direct = await send(gateway.port, target, [...headers, ...authorization, ...from], { method });
          const asked = await send(gateway.port, door, [
            ...headers,
            ...authorization,
            ...from,
            "X-Forwarded-Method",
            method,
            "X-Forwarded-Host",
            host,
            "X-Forwarded-Uri",
            target,
          ]);
          const url = `http://${host}${target}`;
          const question = { method, url, headers: [...headers, ...authorization], clientAddress: "203.0.113.7" };
          const verdict = check.ask(question, principalOf(claims));
          const tested = verdict.refusal === null ? "allowed" : `${verdict.refusal.status} ${verdict.refusal.reason}`;
          const place = `${method} ${target} by ${String(claims?.["sub"])}`;
          assert.equal(outcomeOf(direct), tested, place);
          if (keepsDots(path)) assert.equal(outcomeOf(asked), tested, `${place}, asked`);
          assert.equal(
            direct.status >= 400 ? (direct.json()["approval"] ?? null) : null,
            verdict.refusal?.approval ?? null,
          );
          seen.set(tested, (seen.get(tested) ?? 0) + 1);
        }
      }
    }
    // The table must have met the outcomes that it is there for.
    for (const outcome of ["allowed", "401 credentials-missing", "403 access-denied", "403 access-rule-failed"]) {
      assert.ok((seen.get(outcome) ?? 0) > 5, `${outcome}: ${[...seen].join("; ")}`);
    }
    for (const reason of [...ruleReasons, "approval-required"]) assert.ok(seen.has(`403 ${reason}`), reason);
  });
});

/** Another proxy is not told of paths that it would send on in another form. */
function keepsDots(path: string): boolean {
  return !path.includes("/./");
}

function outcomeOf(reply: Reply): string {
  return reply.status < 400 ? "allowed" : `${reply.status} ${String(reply.json()["reason"])}`;
}
