import assert from "node:assert/strict";
import type { LookupAddress } from "node:dns";
import { describe, it } from "node:test";
import { parseDestination, parseFetchUrl } from "./destination.ts";
import { createEgressGuard, type EgressOptions, type EgressLeave } from "./egress.ts";
import { isCode } from "./forwarding.test-helper.ts";

const anyHost = "http://*.example.com";

function guardOf(allow: readonly string[], more: Partial<EgressOptions> = {}): (url: string) => EgressLeave {
  const guard = createEgressGuard({ allow, ownAddresses: [], ...more });
  return (url) => guard.check(parseDestination(url));
}

/** What dialling `url` would connect to. */
function dialled(
  url: string,
  allow: readonly string[],
  answers: readonly string[],
  more: Partial<EgressOptions> = {},
): Promise<readonly LookupAddress[]> {
  const resolve: EgressOptions["resolve"] = (_, done) =>
    done(
      null,
      answers.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  const leave = guardOf(allow, { resolve, ...more })(url);
  return new Promise((settle, fail) => {
    leave.lookup(new URL(url).hostname, { all: true }, (error, found) =>
      error === null ? settle(found as unknown as LookupAddress[]) : fail(error),
    );
  });
}

describe("egress.allow", () => {
  it("matches scheme, host and port, all of them", () => {
    const check = guardOf(["https://api.example.com", "http://data.example.com:8080", "https://*.pages.example"]);
    for (const url of [
      "https://api.example.com",
      "https://API.example.com:443/base",
      "https://api.example.com./",
      "http://data.example.com:8080",
      "https://a.pages.example/x",
    ]) {
      assert.doesNotThrow(() => check(url), url);
    }
    for (const url of [
      "http://api.example.com",
      "https://api.example.com:8443",
      "https://evil.com",
      "https://api.example.com.evil.com",
      "https://xapi.example.com",
      "http://data.example.com",
      "https://pages.example",
      "https://a.b.pages.example",
      "https://.pages.example",
      "https://evilpages.example",
      "https://api.example.com../",
    ]) {
      assert.throws(() => check(url), isCode("egress-refused"), url);
    }
  });

  it("allows nothing when empty", () => {
    assert.throws(() => guardOf([])("https://example.com"), isCode("egress-refused"));
  });

  it("must be readable", () => {
    for (const text of [
      "example.com",
      "ftp://x",
      "https://",
      "https://*",
      "https://a.*.b",
      "https://x/path",
      "https://u@x",
    ]) {
      assert.throws(() => guardOf([text]), isCode("definition-invalid"), text);
    }
  });
});

describe("a destination", () => {
  it("is refused when it dresses up, or is no http", () => {
    for (const url of [
      "http://good.example@127.0.0.1/",
      "http://user:secret@example.com",
      "file:///etc/passwd",
      "gopher://example.com",
      "javascript:alert(1)",
      "//example.com",
      "example.com",
      "http://",
      "http://.",
      "http://example.com/?x",
      "http://example.com/#x",
      "http://example.com:0",
      "",
    ]) {
      assert.throws(() => parseDestination(url), isCode("egress-refused"), url);
    }
  });

  it("has one form for international and odd spellings", () => {
    assert.equal(parseDestination("http://B\u00fccher.example").host, "xn--bcher-kva.example");
    assert.equal(parseDestination("http://\uff11\uff12\uff17.0.0.1").host, "127.0.0.1");
    assert.equal(parseDestination("http://127\u30020.0.1").host, "127.0.0.1");
    assert.equal(parseDestination("https://[::FFFF:127.0.0.1]:443/a/").origin, "https://[::ffff:7f00:1]:443");
    assert.equal(parseDestination("https://x.example/a//").basePath, "/a");
    assert.equal(parseDestination("https://x.example:8443").authority, "x.example:8443");
  });

  it("to fetch keeps its path and query", () => {
    const { destination, target } = parseFetchUrl("https://x.example/a/b?c=d#e");
    assert.equal(target, "/a/b?c=d");
    assert.equal(destination.origin, "https://x.example:443");
  });
});

describe("the address behind it", () => {
  it("in any spelling of loopback, metadata and the like is refused unless the pattern is that address", () => {
    for (const host of [
      "127.0.0.1",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "127.1",
      "0x7f.1",
      "127.0.0.1.",
      "0",
      "[::1]",
      "[::]",
    ]) {
      assert.throws(() => guardOf(["http://127.0.0.1:81", anyHost])(`http://${host}`), isCode("egress-refused"), host);
    }
    const mapped = ["http://[::ffff:127.0.0.1]"];
    assert.doesNotThrow(() => guardOf(["http://127.0.0.1"])("http://2130706433"));
    assert.doesNotThrow(() => guardOf(mapped)("http://[::ffff:7f00:1]"));
    for (const address of [
      "169.254.169.254",
      "[fd00:ec2::254]",
      "[::ffff:a9fe:a9fe]",
      "[64:ff9b::a9fe:a9fe]",
      "[fe80::1]",
      "0.0.0.0",
    ]) {
      assert.throws(() => guardOf([`http://${address}`])(`http://${address}`), isCode("egress-refused"), address);
    }
  });

  it("is checked at the time of dialling", async () => {
    assert.equal((await dialled("http://a.example.com", [anyHost], ["93.184.216.34"])).length, 1);
    for (const address of [
      "127.0.0.1",
      "::1",
      "::ffff:127.0.0.1",
      "169.254.169.254",
      "fe80::1",
      "0.0.0.0",
      "64:ff9b::7f00:1",
    ]) {
      await assert.rejects(dialled("http://a.example.com", [anyHost], [address]), isCode("egress-refused"), address);
      await assert.rejects(
        dialled("http://a.example.com", ["http://a.example.com"], [address]),
        isCode("egress-refused"),
      );
    }
  });

  it("is refused when one of several is forbidden, and when there is none", async () => {
    await assert.rejects(
      dialled("http://a.example.com", [anyHost], ["93.184.216.34", "127.0.0.1"]),
      isCode("egress-refused"),
    );
    await assert.rejects(dialled("http://a.example.com", [anyHost], []), isCode("egress-refused"));
  });

  it("may be private only for a name that stands in the pattern in full", async () => {
    for (const address of ["10.1.2.3", "192.168.0.1", "fd12::1", "100.64.1.1"]) {
      await assert.rejects(dialled("http://a.example.com", [anyHost], [address]), isCode("egress-refused"), address);
      assert.equal((await dialled("http://a.example.com", [anyHost, "http://a.example.com"], [address])).length, 1);
    }
  });

  it("is never a listener of ours", async () => {
    const everywhere = { ownAddresses: [{ host: "::", port: 80 }], localAddresses: () => ["10.0.0.5", "203.0.114.7"] };
    const allow = ["http://a.example.com", "http://127.0.0.1", "http://10.0.0.5:81"];
    await assert.rejects(dialled("http://a.example.com", allow, ["10.0.0.5"], everywhere), isCode("egress-refused"));
    await assert.rejects(
      dialled("http://a.example.com", allow, ["::ffff:203.0.114.7"], everywhere),
      isCode("egress-refused"),
    );
    assert.equal((await dialled("http://a.example.com", allow, ["10.0.0.6"], everywhere)).length, 1);
    assert.throws(() => guardOf(allow, everywhere)("http://127.0.0.1"), isCode("egress-refused"));
    assert.doesNotThrow(() => guardOf(allow, everywhere)("http://10.0.0.5:81"));
    const one = { ownAddresses: [{ host: "localhost", port: 80 }] };
    assert.throws(() => guardOf(allow, one)("http://127.0.0.1"), isCode("egress-refused"));
  });
});

describe("the admin API", () => {
  const own = [
    { host: "127.0.0.1", port: 9443, admin: true },
    { host: "127.0.0.1", port: 8443 },
  ];
  const resolve: EgressOptions["resolve"] = (_, done) =>
    done(null, [
      { address: "203.0.114.7", family: 4 },
      { address: "::ffff:127.0.0.1", family: 6 },
    ]);
  const guard = createEgressGuard({ allow: [], ownAddresses: own, resolve });
  const declared = (url: string): EgressLeave | null => guard.checkDeclared(parseDestination(url));

  it("is refused to a destination of the definition in every spelling of its address", () => {
    for (const host of ["127.0.0.1", "127.1", "0x7f000001", "0.0.0.0", "0", "[::]", "[::ffff:7f00:1]"]) {
      assert.throws(() => declared(`https://${host}:9443`), isCode("egress-refused"), host);
    }
  });

  it("is refused when a name resolves to it, whatever else it resolves to", async () => {
    const leave = declared("https://innocent.example:9443");
    const outcome = new Promise((settle) => leave?.lookup("innocent.example", { all: true }, settle));
    assert.match(String(await outcome), /it is the admin API/);
  });

  it("costs other destinations of the definition nothing, our own public listeners included", () => {
    assert.equal(declared("https://127.0.0.1:8443"), null);
    assert.equal(declared("https://innocent.example"), null);
    assert.notEqual(declared("https://127.0.0.2:9443"), null, "same port, another address: allowed, and looked at");
  });

  it("on every address of the machine is refused on each of them", () => {
    const everywhere = createEgressGuard({
      allow: [],
      ownAddresses: [{ host: "::", port: 9443, admin: true }],
      localAddresses: () => ["10.0.0.5"],
    });
    for (const host of ["10.0.0.5", "127.0.0.9", "[::1]"]) {
      const destination = parseDestination(`https://${host}:9443`);
      assert.throws(() => everywhere.checkDeclared(destination), isCode("egress-refused"), host);
    }
  });
});
