import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "#model/header-list.ts";
import type { RequestFacts } from "#model/exchange.ts";
import type { ShadowSettings } from "#model/shadow.ts";
import { mirroredRequest } from "./mirrored-request.ts";

const settings: ShadowSettings = {
  to: "https://old.test/base",
  host: "upstream",
  sample: 1,
  methods: ["GET"],
  withheldFields: [],
  withheldParameters: [],
  bodyBytes: 1000,
  ignoredFields: [],
  ignoredPointers: [],
  timeoutMs: 1000,
  concurrency: 1,
};

function facts(query: string, headers: readonly string[]): RequestFacts {
  const where = { host: "api.test", authority: "api.test:8443", peerAddress: "192.0.2.7", clientAddress: "192.0.2.7" };
  const target = `/a/%2e/b${query === "" ? "" : `?${query}`}`;
  const about = {
    id: "id-1",
    startedAt: 0,
    startedMono: 0,
    protocol: "HTTP/1.1",
    scheme: "https",
    method: "GET",
  } as const;
  const rest = { path: "/a/b", query, target, body: null, upgrade: null, peerTrusted: false, tls: null } as const;
  return { ...about, ...where, ...rest, headers: new HeaderList([...headers]) };
}

describe("a request as an old gateway is asked it", () => {
  it("is what the client has sent, and says which of ours it is", () => {
    const { url, headers, host } = mirroredRequest(
      facts("x=%20&y", ["Accept", "a", "authorization", "Bearer t"]),
      settings,
    );
    assert.deepEqual([url, host], ["https://old.test/base/a/%2e/b?x=%20&y", undefined]);
    assert.deepEqual(headers?.slice(0, 4), ["Accept", "a", "authorization", "Bearer t"]);
    assert.equal(new HeaderList([...(headers ?? [])]).get("sallyport-shadow"), "id-1");
    assert.equal(mirroredRequest(facts("", []), { ...settings, host: "preserve" }).host, "api.test:8443");
  });

  it("holds no cookie of ours, nothing of the connection, and no word of the client about who and where it is", () => {
    const cookies = [
      "Cookie",
      "a=1; __Host-sallyport-session=SECRET; b=2",
      "Cookie",
      "__Host-sallyport-session=SECRET",
    ];
    const hops = ["Connection", "X-Hop", "X-Hop", "1", "Host", "api.test", "Expect", "100-continue"];
    const claims = [
      "X-Forwarded-For",
      "203.0.113.1",
      "X-Auth-Request-User",
      "root",
      "Apim-Debug-Authorization",
      "SECRET",
    ];
    const sent = [...cookies, ...hops, ...claims];
    const headers = new HeaderList([...(mirroredRequest(facts("", sent), settings).headers ?? [])]);
    assert.doesNotMatch(JSON.stringify(headers.raw), /SECRET|X-Hop|Connection|Expect|root|"Host"/);
    assert.deepEqual(headers.all("cookie"), ["a=1; b=2"]);
    assert.equal(headers.get("x-forwarded-for"), "192.0.2.7");
  });

  it("holds no credentials that are withheld, however a query spells them", () => {
    const withheld = { ...settings, withheldFields: ["authorization"], withheldParameters: ["subscription-key"] };
    const query = "subscription%2Dkey=1&x=1&Subscription-Key=2&y";
    const { url, headers } = mirroredRequest(facts(query, ["Authorization", "SECRET"]), withheld);
    assert.equal(url, "https://old.test/base/a/%2e/b?x=1&y");
    assert.doesNotMatch(JSON.stringify(headers), /SECRET/);
  });
});
