import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, it } from "node:test";
import type { BackendAuthorization } from "#model/backend-authorization.ts";
import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import { anonymous } from "#model/principal.ts";
import type { Route } from "#model/snapshot.ts";
import { exchangeFor, fixedClock } from "#notation/cel/exchange.test-helper.ts";
import { type BackendTokens, UpstreamAuthorization } from "./upstream-authorization.ts";

const sent = ["Authorization", "Bearer theirs"];
const exchanging: BackendAuthorization = { kind: "connection", provider: "c", name: "n", exchanges: true };
const managed: BackendAuthorization = { kind: "managed-identity", resource: "r", clientId: "" };

function made(change: (exchange: Exchange) => void = () => {}): Exchange {
  const exchange = exchangeFor(sent);
  exchange.request.backend = 0;
  exchange.route = { backend: 0 } as Route;
  change(exchange);
  return exchange;
}

async function shown(
  authorization: BackendAuthorization,
  exchange: Exchange,
  find: BackendTokens["find"] = () => ({ token: "ours", expiresAt: 1, refreshAt: 1 }),
): Promise<readonly string[]> {
  const headers: HeaderList = exchange.request.headers.clone();
  await new UpstreamAuthorization([{ authorization }, {}], { find }, fixedClock).apply(headers, exchange);
  return headers.all("authorization");
}

describe("Authorization towards a backend", () => {
  it("is the client's, unless the backend says otherwise", async () => {
    assert.deepEqual(await shown({ kind: "original" }, made()), ["Bearer theirs"]);
    assert.deepEqual(await shown({ kind: "none" }, made()), []);
  });

  it("is what a policy wrote, where the client's own stays here", async () => {
    const exchange = made(({ request }) => {
      request.headers = request.headers.clone();
      request.headers.set("Authorization", "Basic policy");
    });
    assert.deepEqual(await shown({ kind: "none" }, exchange), ["Basic policy"]);
  });

  it("is a token of ours instead of all there was, fetched or remembered", async () => {
    const token = { token: "ours", expiresAt: 1, refreshAt: 1 };
    const exchange = made();
    assert.deepEqual(await shown(managed, exchange, () => Promise.resolve(token)), ["Bearer ours"]);
    assert.deepEqual(await shown(managed, made(), () => token), ["Bearer ours"]);
    const [{ step, detail }] = exchange.trail as [Exchange["trail"][number]];
    assert.deepEqual([step, detail], ["credential", "managed identity for r"]);
  });

  it("is nobody's at a place that a policy computed, and in what a TRACE sends back", async () => {
    const elsewhere = made(({ request }) => {
      request.backend = -1;
      request.baseUrl = "https://elsewhere.example";
    });
    assert.deepEqual(await shown(managed, elsewhere), []);
    assert.deepEqual(await shown({ kind: "original" }, elsewhere), ["Bearer theirs"]);
    const trace = made(({ request }) => {
      request.method = "TRACE";
    });
    assert.deepEqual(await shown(managed, trace), []);
  });

  it("goes by the backend that a policy chose", async () => {
    const other = made(({ request }) => {
      request.backend = 1;
    });
    assert.deepEqual(await shown(managed, other), ["Bearer theirs"]);
  });

  it("is exchanged only for the token that was verified", async () => {
    const asked: unknown[] = [];
    const find: BackendTokens["find"] = (_source, subject) => {
      asked.push(subject);
      return { token: "ours", expiresAt: 1, refreshAt: 1, actors: ["gateway", "agent"] };
    };
    const caller = made((exchange) => {
      exchange.principal = { ...anonymous, kind: "user", authMethod: "token", tokenDigest: "d" };
    });
    assert.deepEqual(await shown(exchanging, caller, find), ["Bearer ours"]);
    assert.deepEqual(asked, [{ token: "theirs", digest: "d" }]);
    assert.equal(caller.trail[0]?.detail, "connection c/n, exchanged, act gateway for agent");
    const ofSession = made((exchange) => {
      exchange.principal = { ...anonymous, kind: "user", authMethod: "session", sessionId: "s" };
      exchange.facts.headers.append("Cookie", "a=b; __Host-sallyport-session=id");
    });
    assert.deepEqual(await shown(exchanging, ofSession, find), ["Bearer ours"]);
    // Main alone knows the token: what it is found by is the digest of the cookie.
    assert.deepEqual(asked[1], { token: null, digest: hash("sha256", "id", "base64url") });
    // A token that came along with a certificate or a key, and that nobody has verified.
    await assert.rejects(async () => shown(exchanging, made(), find), { code: "exchange-refused" });
    assert.equal(asked.length, 2);
  });
});
