import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { cel, exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

function responding(body: string | Uint8Array, headers: string[] = []): Exchange {
  const exchange = exchangeFor();
  exchange.response = new ResponseDraft(200, "OK", new HeaderList(headers), Buffer.from(body), "upstream");
  return exchange;
}

function replaced(exchange: Exchange, from: string, to: string): string {
  assert.equal(run(policy("find-and-replace", { from, to }), exchange, { section: "outbound" }), undefined);
  return Buffer.from(exchange.response?.body as Uint8Array).toString("latin1");
}

function failure(exchange: Exchange, args: Parameters<typeof policy>[1]): unknown {
  const outcome = run(policy("find-and-replace", args), exchange, { section: "outbound" });
  return outcome?.kind === "refusal" && outcome.reason;
}

describe("find-and-replace", () => {
  it("replaces every occurrence, with case, by what is computed", () => {
    assert.equal(replaced(responding("a.b A.b a.b a.ba.b"), "a.b", "$&"), "$& A.b $& $&$&");
    assert.equal(replaced(responding("aaaa"), "aa", ""), "");
    assert.equal(replaced(responding("nothing"), "x", "y"), "nothing");
    const exchange = responding("host/x");
    run(policy("find-and-replace", { from: "host", to: cel("request.host") }), exchange, { section: "outbound" });
    assert.equal(String(exchange.response?.body), "api.example.com/x");
  });

  it("changes the request in inbound, and leaves what has no body", () => {
    const exchange = exchangeFor(["Content-Type", "text/plain", "Digest", "sha-256=x"]);
    assert.equal(run(policy("find-and-replace", { from: "a", to: "b" }), exchange), undefined);
    assert.equal(exchange.request.body, undefined);
    exchange.request.body = Buffer.from("banana");
    run(policy("find-and-replace", { from: "a", to: "ä" }), exchange);
    assert.equal(String(exchange.request.body), "bänänä");
    assert.deepEqual(exchange.request.headers.raw, ["Content-Type", "text/plain"]);
    assert.equal(exchange.facts.headers.has("digest"), true, "what the client sent stays what it was");
  });

  it("works in the charset of the body, and keeps every other byte", () => {
    const latin = ["Content-Type", "text/html; charset=ISO-8859-1"];
    assert.equal(replaced(responding(Buffer.from("caf\xe9 \xff", "latin1"), latin), "é", "è"), "caf\xe8 \xff");
    const wide = responding(Buffer.from("āa", "utf-16le"), ["Content-Type", "text/plain; charset=utf-16le"]);
    replaced(wide, "a", "b");
    assert.equal(Buffer.from(wide.response?.body as Uint8Array).toString("utf-16le"), "āb");
    const other = responding("x", ["Content-Type", "text/plain; charset=shift_jis"]);
    assert.equal(failure(other, { from: "x", to: "y" }), "expression-failed");
  });

  it("makes the tag of what it changes a weak one", () => {
    const exchange = responding("ab", ["ETag", '"1"', "Content-MD5", "x"]);
    replaced(exchange, "zz", "y");
    assert.deepEqual(exchange.response?.headers.raw, ["ETag", '"1"', "Content-MD5", "x"]);
    replaced(exchange, "a", "y");
    assert.deepEqual(exchange.response?.headers.raw, ["ETag", 'W/"1"']);
  });

  it("refuses to look for nothing, and to let a body grow beyond its bound", () => {
    assert.equal(failure(responding("a"), { from: cel("''"), to: "b" }), "expression-failed");
    assert.equal(failure(responding("a".repeat(100)), { from: "a", to: "b".repeat(20) }), "expression-failed");
  });
});
