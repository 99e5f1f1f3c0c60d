import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Backend } from "#model/definition.ts";
import { opensslAbsent, TestCa } from "#upstream/certificates.test-helper.ts";
import { loadText, type LoadTestOptions } from "./fixture.test-helper.ts";

async function read(backend: string, options?: LoadTestOptions): Promise<{ found: Backend; problems: string[] }> {
  const text = `version: 1\napis: { a: { path: /a, backend: b, access: public } }\nbackends: { b: ${backend} }\n`;
  const { definition, diagnostics } = await loadText(text, options);
  return { found: definition?.backends[0] as Backend, problems: diagnostics.map(({ message }) => message) };
}

describe("the protocol of a backend", () => {
  it("is HTTP/1.1 unless it says otherwise", async () => {
    assert.equal((await read("{ url: 'https://b.example' }")).found.protocol, "http/1.1");
    for (const [url, protocol] of [
      ["https://b.example", "h2"],
      ["http://b.example", "h2c"],
      ["unix:/run/b.sock", "h2c"],
      ["http://b.example", "auto"],
    ] as const) {
      const { found, problems } = await read(`{ url: '${url}', protocol: ${protocol} }`);
      assert.deepEqual([found.protocol, problems], [protocol, []]);
    }
  });

  it("must fit the URL", async () => {
    assert.match(String((await read("{ url: 'http://b.example', protocol: h2 }")).problems), /^h2 cannot be spoken to/);
    assert.match(String((await read("{ url: 'https://b.example', protocol: h2c }")).problems), /^h2c cannot be spoken/);
    assert.match(String((await read("{ url: 'unix:/run/b.sock', protocol: h2 }")).problems), /^h2 cannot be spoken to/);
  });
});

describe("a Unix socket", () => {
  it("is named by an absolute path, and is not the admin API's", async () => {
    assert.deepEqual((await read("{ url: 'unix:/run/b.sock' }")).problems, []);
    for (const url of ["unix:run/b.sock", "unix:", "unix:/", "unix://run/b.sock", "unix:/run/"]) {
      assert.match(String((await read(`{ url: '${url}' }`)).problems), /names no socket/, url);
    }
    assert.match(String((await read(`{ url: 'unix:/${"a".repeat(120)}' }`)).problems), /longer than 107 bytes/);
    assert.match(String((await read("{ url: 'unix:/data/admin.sock' }")).problems), /the admin API/);
  });
});

describe("the PROXY protocol", () => {
  it("cannot be told on sessions that all clients share", async () => {
    assert.equal((await read("{ url: 'http://b.example', proxyProtocol: v2 }")).found.proxyProtocol, "v2");
    const { problems } = await read("{ url: 'http://b.example', protocol: h2c, proxyProtocol: v1 }");
    assert.match(String(problems), /^proxyProtocol cannot be used with h2c/);
  });
});

describe("TLS towards a backend", { skip: opensslAbsent }, () => {
  let ca: TestCa;
  before(() => (ca = new TestCa()));
  after(() => ca?.remove());

  it("shows a certificate with its key, and nothing of the key in a message", async () => {
    const mine = ca.issue("DNS:gateway.example");
    const other = ca.issue("DNS:other.example");
    const backend =
      "{ url: 'https://b.example', tls: { certificate: c.pem, key: { file: k.pem }, minVersion: '1.3' } }";
    const { found, problems } = await read(backend, { files: { "c.pem": mine.cert, "k.pem": mine.key } });
    assert.deepEqual(problems, []);
    assert.equal(found.tls?.certificate, mine.cert);
    assert.equal(found.tls?.keyPem?.trim(), mine.key.trim());
    assert.equal(found.tls?.minVersion, "TLSv1.3");
    const wrong = await read(backend, { files: { "c.pem": mine.cert, "k.pem": other.key } });
    assert.deepEqual(wrong.problems, ["the certificate and the key of b do not fit"]);
  });

  it("needs both or neither, and an https URL", async () => {
    const files = { "c.pem": ca.issue("DNS:gateway.example").cert };
    const half = await read("{ url: 'https://b.example', tls: { certificate: c.pem } }", { files });
    assert.match(String(half.problems), /only one of certificate and key/);
    const clear = await read("{ url: 'http://b.example', tls: { serverName: b.example } }");
    assert.match(String(clear.problems), /no URL of b is https/);
  });
});
