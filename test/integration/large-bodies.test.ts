import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request as httpsRequest, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { opensslAbsent, TestCa } from "#upstream/certificates.test-helper.ts";

/** As pieces of it pass through memory that is used again, each is to be seen in the wrong place. */
const large = randomBytes(5_000_003);
const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const expected = digest(large);
const atOnce = 8;

/** Of a body that is read in gulps, with pauses between them when it is slow. */
async function digestOf(body: AsyncIterable<Uint8Array>, slow: boolean): Promise<string> {
  const hash = createHash("sha256");
  let [bytes, waited] = [0, 0];
  for await (const chunk of body) {
    hash.update(chunk);
    bytes += chunk.length;
    if (slow && bytes > waited + 300_000) {
      waited = bytes;
      await sleep(5);
    }
  }
  return hash.digest("hex");
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

/** Sends the body as it is asked to, or answers with the digest of what it got. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  const [, how = ""] = /\?(.*)$/.exec(request.url ?? "") ?? [];
  if (request.method === "POST") {
    void digestOf(request, how === "slow").then((found) => response.end(found));
    return;
  }
  if (how === "length") response.setHeader("content-length", large.length);
  if (how === "close") {
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
  }
  response.write(large);
  response.end();
}

for (const durability of ["batched", "strict"] as const) {
  describe(`large bodies under a ${durability} record`, { timeout: 120_000, skip: opensslAbsent }, () => {
    let upstream: TestUpstream;
    let secure: Server;
    let ca: TestCa;
    let gateway: TestGateway;

    before(async () => {
      ca = new TestCa();
      upstream = await startUpstream(serve);
      secure = createServer(ca.issue("DNS:localhost"), serve).listen(0, "127.0.0.1");
      await once(secure, "listening");
      const { port } = secure.address() as AddressInfo;
      gateway = await startTestGateway({
        definition: `version: 1
audit: { durability: ${durability} }
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  large: { path: /large, backend: large, access: public }
  secure: { path: /secure, backend: secure, access: public }
backends:
  large: { url: "${upstream.url}" }
  secure: { url: "https://localhost:${port}", ca: ./ca.pem }
`,
        files: { "ca.pem": ca.pem },
        args: ["--workers", "1"],
      });
    });
    after(async () => {
      await gateway?.cleanUp();
      await upstream.close();
      secure.close();
      secure.closeAllConnections();
      ca.remove();
    });

    function ask(how: string, body: Uint8Array | null, chunked = false, api = "large"): Promise<IncomingMessage> {
      return new Promise((resolve, reject) => {
        const length = body === null || chunked ? {} : { "content-length": body.length };
        const agent = new Agent({ ca: gateway.ca, keepAlive: false });
        const options = { host: "localhost", port: gateway.port, path: `/${api}?${how}`, agent, headers: length };
        const request = httpsRequest({ ...options, method: body === null ? "GET" : "POST" }, resolve);
        request.on("error", reject);
        request.end(body);
      });
    }

    for (const how of ["length", "chunked", "close"]) {
      for (const slow of [false, true]) {
        it(`come down as they are, ${how}${slow ? ", to slow readers" : ""}`, async () => {
          const found = await Promise.all(
            Array.from({ length: atOnce }, async () => digestOf(await ask(how, null), slow)),
          );
          assert.deepEqual(found, Array(atOnce).fill(expected));
        });
      }
    }

    for (const how of ["quick", "slow"]) {
      for (const chunked of [false, true]) {
        it(`go up as they are to a ${how} upstream${chunked ? ", in chunks" : ""}`, async () => {
          const answers = await Promise.all(
            Array.from({ length: atOnce }, async () => textOf(await ask(how, large, chunked))),
          );
          assert.deepEqual(answers, Array(atOnce).fill(expected));
        });
      }
    }

    it("come from and go to an upstream with TLS", async () => {
      for (const slow of [false, true]) {
        const down = async (how: string): Promise<string> => digestOf(await ask(how, null, false, "secure"), slow);
        const up = async (): Promise<string> => textOf(await ask(slow ? "slow" : "quick", large, false, "secure"));
        const found = [...["length", "chunked", "close", "length"].map(down), up(), up(), up(), up()];
        assert.deepEqual(await Promise.all(found), Array(atOnce).fill(expected));
      }
    });

    it("come down over HTTP/2", async () => {
      const session = connectHttp2(gateway.url, { ca: gateway.ca });
      try {
        const found = await Promise.all(
          Array.from({ length: 3 }, () => digestOf(session.request({ ":path": "/large?length" }), true)),
        );
        assert.deepEqual(found, Array(3).fill(expected));
      } finally {
        session.close();
      }
    });
  });
}
