import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Outcome } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { cel, exchangeFor, policy, portsWith, start } from "#policy/policy.test-helper.ts";

type Given = readonly [status: number, location?: string];

/** What goes to an upstream at `url`, and what it answers, one after the other. */
function upstreamAt(
  url: string,
  ...answers: readonly Given[]
): {
  readonly sent: string[];
  readonly forward: (exchange: Exchange, timeoutMs: number | undefined) => Promise<Outcome>;
} {
  const sent: string[] = [];
  return {
    sent,
    forward: async (exchange, timeoutMs) => {
      const { method, path, query, baseUrl, baseUrlComputed, headers } = exchange.request;
      const auth = headers.has("authorization") ? " with credentials" : "";
      const checked = baseUrlComputed ? " if allowed" : "";
      sent.push(`${method} ${baseUrl ?? url} ${path}?${query}${auth}${checked}`);
      const [status, location] = answers[sent.length - 1] ?? [200];
      const fields = location === undefined ? [] : ["Location", location];
      exchange.response = new ResponseDraft(status, "", new HeaderList(fields), null, "upstream");
      exchange.upstream = {
        name: "a",
        address: "",
        url: baseUrl ?? url,
        tries: 1,
        status,
        headersMs: timeoutMs ?? 0,
        connectMs: 0,
        endedMono: 0,
      };
      return undefined;
    },
  };
}

async function run(
  args: Parameters<typeof policy>[1],
  upstream: ReturnType<typeof upstreamAt>,
  exchange: Exchange = exchangeFor(["Authorization", "Bearer x"]),
): Promise<Outcome> {
  exchange.request.path = "/a/b";
  exchange.request.query = "";
  return start([policy("forward-request", args)], exchange, {
    section: "backend",
    ports: portsWith({ forward: upstream.forward }),
  });
}

describe("forward-request", () => {
  it("forwards through the port, with its time-out", async () => {
    const seen: (number | undefined)[] = [];
    const ports = portsWith({ forward: (_exchange, timeout) => (seen.push(timeout), Promise.resolve(undefined)) });
    const options = { section: "backend", ports } as const;
    assert.equal(await start([policy("forward-request")], exchangeFor(), options), undefined);
    assert.equal(await start([policy("forward-request", { timeout: 20_000 })], exchangeFor(), options), undefined);
    assert.equal(await start([policy("forward-request", { timeout: cel("3") })], exchangeFor(), options), undefined);
    assert.deepEqual(seen, [undefined, 20_000, 3000]);
  });

  it("cannot be linked where nothing can forward", () => {
    const { forward: _forward, ...ports } = portsWith();
    assert.throws(
      () => start([policy("forward-request")], exchangeFor(), { section: "backend", ports }),
      /cannot forward/,
    );
  });

  it("passes a redirect on unless told to follow it", async () => {
    const upstream = upstreamAt("http://up:1", [302, "/c"]);
    assert.equal(await run({}, upstream), undefined);
    assert.equal(upstream.sent.length, 1);
  });

  it("follows within the origin, below the backend's base path or beside it", async () => {
    const upstream = upstreamAt("http://up:1/base", [302, "c?d=1"], [301, "/base/e"], [302, "/elsewhere"]);
    await run({ followRedirects: true }, upstream);
    assert.deepEqual(upstream.sent, [
      "GET http://up:1/base /a/b? with credentials",
      "GET http://up:1/base /a/c?d=1 with credentials",
      "GET http://up:1/base /e? with credentials",
      "GET http://up:1 /elsewhere? with credentials if allowed",
    ]);
  });

  it("follows to another origin without credentials, and only where egress control lets it", async () => {
    const upstream = upstreamAt("http://up:1", [307, "http://other:2/x"]);
    await run({ followRedirects: cel("true") }, upstream);
    assert.equal(upstream.sent[1], "GET http://other:2 /x? if allowed");
  });

  for (const [what, url, location] of [
    ["into the clear", "https://up:1", "http://up:1/x"],
    ["with a user", "http://up:1", "http://me:pw@up:1/x"],
    ["to another scheme", "http://up:1", "file:///etc/passwd"],
    ["to nowhere", "http://up:1", "http://[bad"],
  ] as const) {
    it(`does not follow ${what}`, async () => {
      const upstream = upstreamAt(url, [302, location]);
      assert.equal(await run({ followRedirects: true }, upstream), undefined);
      assert.equal(upstream.sent.length, 1);
    });
  }

  it("follows ten times, then passes the redirect on", async () => {
    const loop = Array.from({ length: 20 }, (): Given => [302, "/a"]);
    const upstream = upstreamAt("http://up:1", ...loop);
    const exchange = exchangeFor();
    assert.equal(await run({ followRedirects: true }, upstream, exchange), undefined);
    assert.deepEqual([upstream.sent.length, exchange.response?.status], [11, 302]);
  });

  it("makes a GET of a POST as browsers do, and keeps it with 307 while the body is there", async () => {
    const posted = (): Exchange => {
      const exchange = exchangeFor(["Content-Type", "text/plain"], { method: "POST" });
      exchange.request.body = Buffer.from("x");
      return exchange;
    };
    const seeOther = upstreamAt("http://up:1", [303, "/c"]);
    const exchange = posted();
    await run({ followRedirects: true }, seeOther, exchange);
    assert.equal(seeOther.sent[1], "GET http://up:1 /c?");
    assert.deepEqual([exchange.request.body, exchange.request.headers.has("content-type")], [null, false]);
    const temporary = upstreamAt("http://up:1", [307, "/c"]);
    await run({ followRedirects: true }, temporary, posted());
    assert.equal(temporary.sent[1], "POST http://up:1 /c?");
  });

  it("makes a failure of the upstream's error where asked to, with its status", async () => {
    for (const [status, refused] of [
      [399, false],
      [400, true],
      [503, true],
    ] as const) {
      const exchange = exchangeFor();
      const outcome = await run({ failOnErrorStatusCode: true }, upstreamAt("http://up:1", [status]), exchange);
      assert.equal(outcome?.kind === "refusal" && outcome.reason === "upstream-status", refused, String(status));
      if (refused) assert.equal(outcome?.kind === "refusal" && outcome.status, status);
      assert.equal(exchange.lastError?.source, refused ? "forward-request" : undefined);
    }
  });

  it("takes its timeout in milliseconds too, and its wait for 100 (Continue)", async () => {
    const exchange = exchangeFor();
    await run({ timeoutMs: cel("1200 + 34"), continueTimeout: 50 }, upstreamAt("http://up:1"), exchange);
    assert.equal(exchange.upstream?.headersMs, 1234);
    assert.equal(exchange.request.continueMs, 50);
  });

  it("says the version of HTTP for its own attempt alone", async () => {
    const exchange = exchangeFor();
    const seen: unknown[] = [];
    for (const args of [{ httpVersion: "2" }, { httpVersion: "2or1" }, {}, { httpVersion: "1" }]) {
      await run(args, upstreamAt("http://up:1"), exchange);
      seen.push(exchange.request.httpVersion);
    }
    assert.deepEqual(seen, ["2", "2or1", null, "1"]);
  });
});
