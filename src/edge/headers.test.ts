import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HeaderList } from "#model/header-list.ts";
import { applyForwarded, applyForwardedHeaders } from "./forwarded.ts";
import { parseHost } from "./host.ts";
import { clientAddress, createTrust, plainAddress } from "./trust.ts";
import { applyVia } from "./via.ts";

describe("parseHost", () => {
  const good: readonly (readonly [string, string])[] = [
    ["Example.COM", "example.com"],
    ["example.com:8443", "example.com"],
    ["example.com.", "example.com"],
    ["example.com.:80", "example.com"],
    ["my_service", "my_service"],
    ["127.0.0.1:80", "127.0.0.1"],
    ["[::1]:80", "::1"],
    ["[0:0:0:0:0:0:0:1]", "::1"],
    ["1.example", "1.example"],
  ];
  for (const [authority, host] of good) test(authority, () => assert.equal(parseHost(authority), host));

  const bad = [
    "",
    ":80",
    "a:",
    "a:0",
    "a:65536",
    "a:8x",
    "a b",
    "a..b",
    ".a",
    "..",
    "u@a",
    "a/b",
    "a\\b",
    "a%00",
    "é",
    "[::1",
    "[::1]x",
    "[fe80::1%eth0]",
    "[1.2.3.4]",
    "::1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "1.2.3.256",
    "a,b",
    "a\tb",
    `${"a".repeat(64)}.b`,
    "a.".repeat(130),
  ];
  for (const authority of bad)
    test(`refused: ${authority.slice(0, 30)}`, () => assert.equal(parseHost(authority), null));
});

const trust = createTrust(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"]);

function clientOf(peer: string, list: string | undefined): string {
  return clientAddress(peer, list, trust);
}

describe("trust and client address", () => {
  test("ranges of both families", () => {
    for (const address of ["10.1.2.3", "192.0.2.1", "2001:db8::5"]) assert.ok(trust.trusts(address), address);
    for (const address of ["11.0.0.1", "192.0.2.2", "::1", "", "unix", "10.1"])
      assert.ok(!trust.trusts(address), address);
  });

  test("what is no range is an error", () => {
    for (const range of ["10.0.0.0/33", "x", "1.2.3.4/8/8", "1.2.3.4/-1", "::1/129", ""])
      assert.throws(() => createTrust([range]), range);
  });

  test("right to left, the first that is not trusted", () => {
    assert.equal(clientOf("8.8.8.8", "1.1.1.1"), "8.8.8.8");
    assert.equal(clientOf("10.0.0.1", undefined), "10.0.0.1");
    assert.equal(clientOf("10.0.0.1", "6.6.6.6, 1.1.1.1, 10.2.2.2"), "1.1.1.1");
    assert.equal(clientOf("10.0.0.1", "10.9.9.9, 10.2.2.2"), "10.9.9.9");
    assert.equal(clientOf("10.0.0.1", "1.1.1.1, garbage, 10.2.2.2"), "10.2.2.2");
    assert.equal(clientOf("10.0.0.1", "1.1.1.1:1234"), "1.1.1.1");
    assert.equal(clientOf("10.0.0.1", "[2001:db9::1]:443"), "2001:db9::1");
    assert.equal(clientOf("10.0.0.1", "::ffff:1.1.1.1"), "1.1.1.1");
    assert.equal(clientOf("10.0.0.1", ""), "10.0.0.1");
  });

  test("mapped addresses are shown as IPv4", () => {
    assert.equal(plainAddress("::ffff:192.0.2.9"), "192.0.2.9");
    assert.equal(plainAddress("::1"), "::1");
    assert.equal(plainAddress(undefined), "");
  });
});

describe("peers on Unix sockets", () => {
  const unix = createTrust(["unix", "10.0.0.0/8"]);

  test("are trusted by their word alone, and nobody else is by it", () => {
    assert.equal(unix.trusts("unix"), true);
    assert.equal(trust.trusts("unix"), false);
    for (const address of ["", "unix:", "UNIX", "192.0.2.1"]) assert.equal(unix.trusts(address), false, address);
    assert.equal(unix.trusts("10.1.1.1"), true);
  });

  test("say who the client is where they are trusted; no list makes a client one of them", () => {
    assert.equal(clientAddress("unix", "6.6.6.6, 10.0.0.1", unix), "6.6.6.6");
    assert.equal(clientAddress("unix", "6.6.6.6, unix", unix), "unix");
    assert.equal(clientAddress("10.0.0.1", "6.6.6.6, unix", unix), "10.0.0.1");
    assert.equal(clientAddress("unix", "6.6.6.6", trust), "unix");
    assert.equal(clientAddress("", "6.6.6.6", unix), "");
  });
});

describe("applyForwardedHeaders", () => {
  const facts = { peerAddress: "192.0.2.5", peerTrusted: false, scheme: "https", authority: "api.test:8443" } as const;
  const claims = [
    "X-Forwarded-For",
    "6.6.6.6",
    "x-forwarded-for",
    "7.7.7.7",
    "X-Forwarded-Proto",
    "http, ftp",
    "X-Forwarded-Host",
    "evil",
    "Forwarded",
    "for=6.6.6.6",
  ];

  test("an untrusted peer's claims are replaced", () => {
    const headers = new HeaderList([...claims]);
    applyForwardedHeaders(headers, facts);
    assert.deepEqual(headers.raw, [
      "X-Forwarded-For",
      "192.0.2.5",
      "X-Forwarded-Proto",
      "https",
      "X-Forwarded-Host",
      "api.test:8443",
    ]);
  });

  test("a trusted peer's are carried on", () => {
    const headers = new HeaderList([...claims]);
    applyForwardedHeaders(headers, { ...facts, peerTrusted: true });
    assert.equal(headers.joined("x-forwarded-for"), "6.6.6.6, 7.7.7.7, 192.0.2.5");
    assert.equal(headers.joined("x-forwarded-proto"), "ftp");
    assert.equal(headers.joined("x-forwarded-host"), "evil");
    assert.equal(headers.get("forwarded"), "for=6.6.6.6");
    const bare = new HeaderList();
    applyForwardedHeaders(bare, { ...facts, peerTrusted: true });
    assert.deepEqual(bare.raw, [
      "X-Forwarded-For",
      "192.0.2.5",
      "X-Forwarded-Proto",
      "https",
      "X-Forwarded-Host",
      "api.test:8443",
    ]);
  });

  test("a peer without address that is not trusted gets none", () => {
    for (const peerAddress of ["", "unix"]) {
      const headers = new HeaderList([...claims]);
      applyForwardedHeaders(headers, { ...facts, peerAddress });
      assert.deepEqual(headers.raw, []);
    }
  });

  test("a trusted peer's on a Unix socket are carried on as they are, which has no address to add", () => {
    const unix = { ...facts, peerAddress: "unix", peerTrusted: true };
    const headers = new HeaderList(["X-Forwarded-For", "6.6.6.6, 7.7.7.7", "X-Forwarded-Proto", "http"]);
    applyForwardedHeaders(headers, unix);
    assert.equal(headers.joined("x-forwarded-for"), "6.6.6.6, 7.7.7.7");
    assert.equal(headers.joined("x-forwarded-proto"), "http");
    const bare = new HeaderList();
    applyForwardedHeaders(bare, unix);
    assert.deepEqual(bare.raw, ["X-Forwarded-Proto", "https", "X-Forwarded-Host", "api.test:8443"]);
  });
});

test("Via is added behind what is there", () => {
  const headers = new HeaderList(["Via", "1.1 edge"]);
  applyVia(headers, "HTTP/2");
  assert.equal(headers.joined("via"), "1.1 edge, 2 sallyport");
});

describe("applyForwarded", () => {
  const facts = { peerAddress: "203.0.113.9", peerTrusted: false, scheme: "https", authority: "a.test:8443" } as const;
  const written = (prior: string | null, more: Partial<Parameters<typeof applyForwarded>[1]> = {}): string[] => {
    const headers = new HeaderList(prior === null ? [] : ["Forwarded", prior]);
    applyForwardedHeaders(headers, { ...facts, ...more });
    applyForwarded(headers, { ...facts, ...more });
    return headers.all("forwarded");
  };

  test("tells this hop in the spelling of RFC 7239", () => {
    assert.deepEqual(written(null), ['for=203.0.113.9;host="a.test:8443";proto=https']);
    assert.deepEqual(written(null, { authority: "a.test", scheme: "http" }), [
      "for=203.0.113.9;host=a.test;proto=http",
    ]);
    assert.deepEqual(written(null, { peerAddress: "2001:db8::1", authority: "[::1]" }), [
      'for="[2001:db8::1]";host="[::1]";proto=https',
    ]);
  });

  test("stands behind what a trusted peer wrote, and instead of what anyone else did", () => {
    const hop = 'for=203.0.113.9;host="a.test:8443";proto=https';
    assert.deepEqual(written("for=198.51.100.1", { peerTrusted: true }), [`for=198.51.100.1, ${hop}`]);
    assert.deepEqual(written("for=198.51.100.1"), [hop]);
  });

  test("nothing is told of a Unix socket that is not trusted", () => {
    assert.deepEqual(written("for=198.51.100.1", { peerAddress: "" }), []);
    assert.deepEqual(written("for=198.51.100.1", { peerAddress: "unix" }), []);
    const trusted = { peerAddress: "unix", peerTrusted: true };
    assert.deepEqual(written("for=198.51.100.1", trusted), ["for=198.51.100.1"], "nor of one that is");
  });
});
