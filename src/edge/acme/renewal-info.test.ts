import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { makeCa } from "#edge/harness.test.ts";
import { needsCommand } from "#test/support/require.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { certificatesOf } from "./chain.ts";
import { certificateIdOf, fetchRenewalWindow, type RenewalWindow } from "./renewal-info.ts";
import { readDirectory } from "./resources.ts";
import { AcmeTransport } from "./transport.ts";

const now = Date.parse("2026-01-01T00:00:00Z");
const clock = { now: () => now, mono: () => performance.now() };
const hour = 3_600_000;

/** Asks an authority (a stand-in: pebble has no renewal information) that answers with this. */
async function ask(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RenewalWindow> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/ari/a.b" ? status : 404, headers).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ari`;
  const directory = { newNonce: "x", newAccount: "x", newOrder: "x", renewalInfo: url };
  try {
    const transport = new AcmeTransport(createEgress({ allow: [], ownAddresses: [], clock }));
    const window = await fetchRenewalWindow(transport, readDirectory(JSON.stringify(directory)), "a.b", clock);
    assert.ok(window !== null);
    return window;
  } finally {
    server.close();
  }
}

const windowOf = (start: string, end: string): string => JSON.stringify({ suggestedWindow: { start, end } });
const good = windowOf("2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z");

describe("renewal information", () => {
  it(
    "names a certificate by its issuer's key and its serial number, as openssl reads them",
    needsCommand("openssl"),
    async () => {
      const { ca, remove } = await makeCa();
      const { chain } = await ca.issue(["a.test"]);
      await remove();
      const [pem] = certificatesOf(chain) as [string];
      const shown = execFileSync("openssl", ["x509", "-noout", "-serial", "-ext", "authorityKeyIdentifier"], {
        input: pem,
      });
      const [, serial, keyId] = /serial=([0-9A-F]+)[^]*?((?:[0-9A-F]{2}:){19}[0-9A-F]{2})/.exec(
        String(shown),
      ) as RegExpExecArray;
      const base64url = (hex: string): string => Buffer.from(hex, "hex").toString("base64url");
      const expected = `${base64url((keyId as string).replaceAll(":", ""))}.${base64url(serial as string)}`;
      assert.equal(certificateIdOf(chain), expected);
      assert.equal(certificateIdOf("no certificate"), null);
    },
  );

  it("is a window, and when to ask again: within a minute and a day", async () => {
    const { start, end, askAgainAt } = await ask(200, good, { "retry-after": "21600" });
    assert.deepEqual([start, end], [Date.parse("2026-02-01T00:00:00Z"), Date.parse("2026-02-02T00:00:00Z")]);
    assert.equal(askAgainAt, now + 6 * hour);
    assert.equal((await ask(200, good)).askAgainAt, now + 6 * hour);
    assert.equal((await ask(200, good, { "retry-after": "1" })).askAgainAt, now + 60_000);
    assert.equal((await ask(200, good, { "retry-after": "99999999" })).askAgainAt, now + 24 * hour);
    assert.equal((await ask(200, good, { "retry-after": "Thu, 01 Jan 2026 02:00:00 GMT" })).askAgainAt, now + 2 * hour);
  });

  it("that makes no sense is a failure", async () => {
    for (const body of ["", "[]", "{}", windowOf("2026-02-02T00:00:00Z", "2026-02-01T00:00:00Z"), windowOf("a", "b")]) {
      await assert.rejects(ask(200, body), { code: "certificate-unavailable" }, body);
    }
    await assert.rejects(ask(404, good), { code: "certificate-unavailable" });
  });

  it("is not there when the directory does not name it", async () => {
    const transport = new AcmeTransport({ fetch: () => Promise.reject(new Error("not asked")) });
    const directory = readDirectory(JSON.stringify({ newNonce: "x", newAccount: "x", newOrder: "x" }));
    assert.equal(await fetchRenewalWindow(transport, directory, "a.b", clock), null);
  });
});
