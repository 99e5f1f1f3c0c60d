import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Refusal } from "#model/decision.ts";
import type { ForwardAuthSettings } from "#model/definition.ts";
import type { RequestFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { ForwardAuthDoor } from "./forward-auth.ts";
import { keepsSegments } from "./normalise-path.ts";
import { normalisedPaths, refusedPaths } from "./paths.test-helper.ts";

const settings: ForwardAuthSettings = {
  path: "/auth",
  hosts: [],
  callers: ["10.0.0.1"],
  secret: null,
  question: "headers",
};

function asked(headers: Readonly<Record<string, string>>, more: Partial<RequestFacts> = {}): RequestFacts {
  const told = {
    Host: "proxy.test",
    "X-Forwarded-Method": "GET",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "App.test:8443",
    "X-Forwarded-Uri": "/a",
    "X-Forwarded-For": "203.0.113.7",
    ...headers,
  };
  return {
    id: "1",
    startedAt: 0,
    startedMono: 0,
    protocol: "HTTP/1.1",
    scheme: "http",
    method: "POST",
    host: "proxy.test",
    authority: "proxy.test",
    target: "/auth",
    upgrade: null,
    path: "/auth",
    query: "",
    headers: new HeaderList(Object.entries(told).flat()),
    body: null,
    peerAddress: "10.0.0.1",
    clientAddress: "10.0.0.1",
    peerTrusted: false,
    tls: { version: "TLSv1.3", cipher: "x", serverName: "proxy.test", certificate: null, certificateProblem: null },
    ...more,
  };
}

function read(facts: RequestFacts, some: Partial<ForwardAuthSettings> = {}): RequestFacts | Refusal {
  return new ForwardAuthDoor({ ...settings, ...some }, ["10.0.0.2"]).read(facts);
}

function factsOf(result: RequestFacts | Refusal): RequestFacts {
  assert.ok(!("kind" in result), `refused: ${"kind" in result ? result.reason : ""}`);
  return result;
}

function reasonOf(result: RequestFacts | Refusal): string {
  assert.ok("kind" in result, "it was read");
  return result.reason;
}

describe("the question", () => {
  test("becomes the facts of the request that it asks about; the caller's own connection tells nothing about it", () => {
    const facts = factsOf(read(asked({ "X-Forwarded-Uri": "/a%20b?c=%2f", Authorization: "Bearer x" })));
    const { method, scheme, host, authority, path, query, clientAddress, tls } = facts;
    assert.deepEqual(
      { method, scheme, host, authority, path, query, clientAddress, tls },
      {
        method: "GET",
        scheme: "https",
        host: "app.test",
        authority: "App.test:8443",
        path: "/a%20b",
        query: "c=%2f",
        clientAddress: "203.0.113.7",
        tls: null,
      },
    );
    assert.equal(facts.headers.get("host"), "App.test:8443");
    assert.equal(facts.headers.get("authorization"), "Bearer x");
    assert.equal(facts.headers.has("x-forwarded-uri"), false);
  });

  for (const [path, normal] of normalisedPaths) {
    const taken = keepsSegments(path);
    test(`${path} is ${taken ? `asked as ${normal}` : "refused: the proxy would forward the dots and slashes"}`, () => {
      const result = read(asked({ "X-Forwarded-Uri": `${path}?q` }));
      if (taken) assert.deepEqual([factsOf(result).path, factsOf(result).query], [normal, "q"]);
      else assert.equal(reasonOf(result), "malformed-path");
    });
  }

  for (const path of refusedPaths) {
    test(`${JSON.stringify(path.slice(0, 20))} is refused`, () => {
      const reason = reasonOf(read(asked({ "X-Forwarded-Uri": path })));
      assert.equal(reason, path === "" ? "forward-auth-malformed" : "malformed-path");
    });
  }

  test("the client is the first from the right that is neither proxy nor caller", () => {
    const from = (chain: string): string => factsOf(read(asked({ "X-Forwarded-For": chain }))).clientAddress;
    assert.equal(from("1.1.1.1, 203.0.113.7, 10.0.0.2, 10.0.0.1"), "203.0.113.7");
    assert.equal(from("10.0.0.2"), "10.0.0.2");
    assert.equal(from("1.1.1.1, nonsense, 10.0.0.2"), "10.0.0.2");
    assert.equal(from("203.0.113.7:1234"), "203.0.113.7");
  });
});

describe("who may ask", () => {
  test("nobody but the callers, and not a Unix socket in their name", () => {
    for (const peerAddress of ["10.0.0.2", "203.0.113.7", ""]) {
      assert.equal(reasonOf(read(asked({}, { peerAddress }))), "forward-auth-caller-not-allowed");
    }
  });

  test("nobody at all where the settings name nobody", () => {
    assert.equal(reasonOf(read(asked({}), { callers: [] })), "forward-auth-caller-not-allowed");
  });
});

describe("what is a question", () => {
  const is = (facts: Partial<RequestFacts>, some: Partial<ForwardAuthSettings> = {}): boolean =>
    new ForwardAuthDoor({ ...settings, ...some }, []).isQuestion(asked({}, facts));

  test("the path, in whatever spelling, on the hosts", () => {
    assert.equal(is({}), true);
    assert.equal(is({ target: "/%61uth", path: "/auth" }), true);
    assert.equal(is({ path: "/auth/x" }), false);
    assert.equal(is({}, { hosts: ["auth.test"] }), false);
    assert.equal(is({ host: "auth.test" }, { hosts: ["auth.test"] }), true);
  });

  test("with the target behind it: everything below, as sent or as normalised", () => {
    const question = "path";
    assert.equal(is({ target: "/auth/../x", path: "/x" }, { question }), true);
    assert.equal(is({ target: "/y/../auth/x", path: "/auth/x" }, { question }), true);
    assert.equal(is({ target: "/authx/x", path: "/authx/x" }, { question }), false);
    assert.equal(
      reasonOf(read(asked({}, { target: "/y/../auth/x", path: "/auth/x" }), { question })),
      "malformed-path",
    );
  });
});
