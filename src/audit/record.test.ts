import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Principal } from "#model/principal.ts";
import type { AuditRecord } from "#model/record.ts";
import { createRecorder } from "./record.ts";
import { exchangeOf, person, respond, routedExchange, servedExchange } from "./testing/exchange.ts";

const recorder = createRecorder({
  environment: "prod",
  node: "gw-1",
  configHash: "c".repeat(64),
  redactQuery: ["national-id"],
});

function recordOf(exchange: Exchange, nowMono = 1003.5): AuditRecord {
  return JSON.parse(recorder.encodeRecord(exchange, nowMono)) as AuditRecord;
}

describe("the record", () => {
  it("holds who, what, every hand-over and the outcome", () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const exchange = servedExchange({ headers: new HeaderList(["TraceParent", traceparent]) });
    assert.deepEqual(recordOf(exchange), {
      id: "019ca8f4-d200-7000-8000-00000000002a",
      schema: 3,
      time: "2026-03-01T12:00:00.123Z",
      environment: "prod",
      node: "gw-1",
      configHash: "c".repeat(64),
      principal: {
        kind: "user",
        id: "https://login.example.com|t1|jane",
        issuer: "https://login.example.com",
        subject: "jane",
        tenant: "t1",
        groups: ["engineering", "on-call"],
        authMethod: "token",
      },
      tokenId: "jti-1",
      tokenDigest: "3q2-7wAA",
      clientId: "orders-cli",
      unlinked: true,
      subscription: "jane-starter",
      product: "starter",
      route: { api: "orders", operation: "get-orders-id", template: "/orders/{id}" },
      method: "GET",
      host: "api.example.com",
      path: "/orders/7",
      query: "page=2",
      protocol: "HTTP/2",
      client: "203.0.113.9",
      tls: { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" },
      handovers: exchange.trail,
      decision: "allow",
      reasons: [],
      status: 200,
      bytesIn: 0,
      bytesOut: 4310,
      upstream: {
        name: "orders",
        address: "127.0.0.1:9001",
        tries: 1,
        status: 200,
        connectMs: 0.5,
        headersMs: 2.25,
        bodyMs: 1,
      },
      durationMs: 3.5,
      traceparent,
    });
  });

  it("of a request that another proxy asked about says that the response is unseen, and who asked", () => {
    const exchange = routedExchange();
    exchange.question = { asker: "10.0.0.9", granted: true };
    const { response, askedBy } = recordOf(exchange);
    assert.deepEqual({ response, askedBy }, { response: "unseen", askedBy: "10.0.0.9" });
  });

  it("is the same the second time, from kept texts, and follows what changes", () => {
    const first = recorder.encodeRecord(servedExchange(), 1001);
    assert.equal(recorder.encodeRecord(servedExchange(), 1001), first);
    const other = servedExchange({ startedAt: Date.parse("2026-03-01T12:00:01.007Z") });
    other.route = { ...(other.route ?? assert.fail()), operation: "other" };
    other.principal = { ...person, subject: "joe" };
    const record = recordOf(other);
    assert.equal(record.time, "2026-03-01T12:00:01.007Z");
    assert.equal(record.route?.operation, "other");
    assert.equal(record.principal.subject, "joe");
  });

  it("gives the same bytes as text", () => {
    const exchange = servedExchange({ path: "/bücher" });
    assert.equal(
      Buffer.from(recorder.encodeBytes(exchange, 1001)).toString("utf8"),
      recorder.encodeRecord(exchange, 1001),
    );
  });

  it("leaves out what does not apply", () => {
    const exchange = respond(exchangeOf({ query: "", tls: null }), 404);
    exchange.refusal = refuse("route-not-found");
    const record = recordOf(exchange);
    assert.deepEqual(record.principal, { kind: "anonymous", id: "anonymous", authMethod: "none" });
    for (const name of ["query", "tls", "route", "upstream", "tokenId", "subscription", "product", "traceparent"]) {
      assert.ok(!(name in record), name);
    }
    assert.deepEqual([record.decision, record.status, record.reasons], ["deny", 404, ["route-not-found"]]);
  });

  it("holds no token, no key and no secret parameter", () => {
    const query = "orders-key=s3cret-1&National-ID=s3cret-2&access_token=s3cret-3&x=1";
    const text = recorder.encodeRecord(servedExchange({ query }), 1001);
    assert.ok(!text.includes("s3cret"), text);
  });

  it("names the refusal first, then what else the way gave as reasons, each once", () => {
    const exchange = respond(routedExchange(), 401);
    exchange.refusal = refuse("credentials-missing");
    exchange.identityNote = "token-issuer-unknown";
    exchange.trail.push({
      door: "policy",
      step: "access",
      outcome: "refused",
      reason: "credentials-missing",
      micros: 1,
    });
    assert.deepEqual(recordOf(exchange).reasons, ["credentials-missing", "token-issuer-unknown"]);
  });

  it("takes the refusal's status when there was no response", () => {
    const exchange = routedExchange();
    exchange.refusal = refuse("rate-limit-exceeded");
    assert.equal(recordOf(exchange).status, 429);
    exchange.refusal = refuse("rate-limit-exceeded", { status: 420 });
    assert.equal(recordOf(exchange).status, 420);
  });
});

describe("the record of an exchange that broke off", () => {
  it("says 499, and deny when nothing was forwarded", () => {
    const exchange = routedExchange();
    exchange.aborted = true;
    exchange.refusal = refuse("client-aborted");
    assert.deepEqual([recordOf(exchange).status, recordOf(exchange).decision], [499, "deny"]);
  });

  it("still says allow when the request had been forwarded: a broken download is no denial", () => {
    const exchange = servedExchange();
    exchange.aborted = true;
    exchange.refusal = refuse("client-aborted");
    assert.deepEqual([recordOf(exchange).status, recordOf(exchange).decision], [499, "allow"]);
    const truncated = servedExchange();
    truncated.refusal = refuse("upstream-truncated");
    assert.deepEqual([recordOf(truncated).status, recordOf(truncated).decision], [200, "allow"]);
  });

  it("says allow of an answer that a policy or a cache gave, and its client broke off", () => {
    const exchange = respond(routedExchange(), 200);
    exchange.aborted = true;
    exchange.refusal = refuse("client-aborted");
    assert.deepEqual([recordOf(exchange).status, recordOf(exchange).decision], [499, "allow"]);
  });

  it("says what was under way when a stop broke it off", () => {
    const exchange = servedExchange();
    exchange.aborted = true;
    exchange.refusal = refuse("shutting-down");
    assert.deepEqual([recordOf(exchange).status, recordOf(exchange).decision], [200, "allow"]);
    const early = routedExchange();
    early.aborted = true;
    early.refusal = refuse("shutting-down");
    assert.deepEqual([recordOf(early).status, recordOf(early).decision], [503, "deny"]);
  });

  it("says deny for a refusal after forwarding", () => {
    const exchange = respond(servedExchange(), 500);
    exchange.refusal = refuse("expression-failed");
    assert.equal(recordOf(exchange).decision, "deny");
  });
});

describe("the record's bounds", () => {
  it("cuts what a client can lengthen, and records the request all the same", () => {
    const record = recordOf(
      servedExchange({ path: `/${"a".repeat(9000)}`, query: "b".repeat(9000), host: "h".repeat(999) }),
    );
    assert.equal(record.path.length, 2048);
    assert.ok(record.path.endsWith("…"));
    assert.equal(record.query?.length, 2048);
    assert.equal(record.host.length, 256);
  });

  it("fits 16 KiB even when every value is as long and as costly as it can be", () => {
    const times = { connectMs: 1, headersMs: 1, endedMono: 1 };
    for (const unit of ["\u0001", "x", "日", "\ud800", '"']) {
      const long = unit.repeat(20_000);
      const exchange = respond(
        exchangeOf({ id: long, method: long, path: long, query: long, host: long, clientAddress: long }),
        200,
      );
      exchange.principal = enormousPrincipal(long, 12);
      exchange.subscription = { id: long, scope: long, by: "key" };
      exchange.product = { name: long, displayName: "", subscription: "key", members: null };
      exchange.upstream = { name: long, address: long, url: "", tries: 1, status: 200, ...times };
      for (let count = 0; count < 500; count += 1) {
        exchange.trail.push({ door: "policy", step: "set-header", outcome: "passed", detail: long, micros: 2 ** 40 });
      }
      assert.ok(recorder.encodeBytes(exchange, 1001).length <= 16 * 1024);
      assert.equal(recordOf(exchange).handovers.length, 11);
    }
  });

  it("keeps the first and the last of too many hand-overs", () => {
    const exchange = servedExchange();
    exchange.trail.length = 0;
    for (let count = 0; count < 100; count += 1) {
      exchange.trail.push({ door: "policy", step: `step-${count}`, outcome: "passed", micros: count });
    }
    const { handovers } = recordOf(exchange);
    assert.equal(handovers.length, 65);
    assert.equal(handovers[0]?.step, "step-0");
    assert.equal(handovers[32]?.detail, "36 hand-overs left out");
    assert.equal(handovers[33]?.step, "step-68");
    assert.equal(handovers.at(-1)?.step, "step-99");
  });

  it("names the approvals that were in force", () => {
    const exchange = servedExchange();
    exchange.principal = { ...exchange.principal, kind: "user", approvals: ["payroll-admin"] };
    assert.deepEqual(recordOf(exchange).principal.approvals, ["payroll-admin"]);
  });

  it("has the groups that decided, wherever they stand among all of them, and no others", () => {
    const exchange = servedExchange();
    const groups = Array.from({ length: 300 }, (_, at) => `g${at}`);
    exchange.principal = { ...exchange.principal, groups };
    const usedBy = (asked: readonly string[] | null): readonly string[] | undefined => {
      exchange.groupsAsked = asked;
      return recordOf(exchange).principal.groupsUsed;
    };
    assert.deepEqual(usedBy(["g280", "nobody", "g3"]), ["g280", "g3"]);
    assert.equal(usedBy(null), undefined);
    assert.equal(usedBy(["nobody"]), undefined);
  });

  it("marks the groups and actors that it leaves out", () => {
    const exchange = servedExchange();
    exchange.principal = { ...enormousPrincipal("a", 12), groups: Array.from({ length: 100 }, (_, at) => `g${at}`) };
    const { groups, actors } = recordOf(exchange).principal;
    assert.deepEqual([groups?.length, groups?.at(-2), groups?.at(-1)], [65, "g63", "…"]);
    assert.deepEqual([actors?.length, actors?.at(-1)], [9, "…"]);
  });
});

function enormousPrincipal(long: string, actors: number): Principal {
  const rest = { ...person, id: long, issuer: long, subject: long, tenant: long, tokenId: long, clientId: long };
  const groups = Array.from({ length: 5000 }, () => long);
  const self: Principal = { ...rest, sessionId: long, tokenDigest: long, groups, approvals: groups };
  return actors === 0 ? self : { ...self, actor: enormousPrincipal(long, actors - 1) };
}
