import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { after, before, describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const key = "sp_test_0123456789abcdef0123456789";

/** Bad input gets a precise answer, a stable code, and nothing else. */
describe("refusals", () => {
  let upstream: TestUpstream;
  let broken: Server;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      if (request.url === "/stall") return;
      response.end("ok");
    });
    broken = createServer((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"));
      socket.on("error", () => {});
    });
    broken.listen(0, "127.0.0.1");
    await once(broken, "listening");
    const definition = `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }, limits: { headerSize: 8KiB } }
apis:
  keyed: { path: /keyed, backend: up, bodySize: 1KiB, policies: { inbound: [base, { rate-limit-by-key: { calls: 3, period: 60s, key: "\${request.headers['x-who']}" } }] } }
  quota: { path: /quota, backend: up }
  slow: { path: /slow, backend: up, access: public, timeout: 300ms }
  down: { path: /down, backend: down, access: public }
  broken: { path: /broken, backend: broken, access: public }
  upload: { path: /upload, backend: up, access: public, bodySize: 1KiB }
backends:
  up: { url: "${upstream.url}" }
  down: { url: "http://127.0.0.1:1" }
  broken: { url: "http://127.0.0.1:${(broken.address() as AddressInfo).port}" }
products:
  basic: { apis: [keyed], subscription: key }
  metered: { apis: [quota], subscription: key, policies: { inbound: [base, { quota: { calls: 2, period: 1h } }] } }
subscriptions:
  one: { product: basic, key: { env: TEST_KEY } }
  two: { product: metered, key: { env: TEST_KEY_TWO } }
`;
    gateway = await startTestGateway({
      definition,
      env: { TEST_KEY: key, TEST_KEY_TWO: `${key}-two` },
      args: ["--workers", "2"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
    broken.close();
  });

  /** Sends bytes as they are, over TLS. */
  function raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connectTls(
        { port: gateway.port, host: "localhost", servername: "localhost", ca: gateway.ca },
        () => socket.write(text),
      );
      let answer = "";
      socket.on("data", (chunk: Buffer) => {
        answer += chunk.toString();
      });
      socket.on("close", () => resolve(answer));
      socket.on("error", reject);
      socket.setTimeout(5000, () => socket.destroy());
    });
  }

  for (const [name, text] of [
    ["two Hosts", "GET /slow HTTP/1.1\r\nHost: localhost\r\nHost: other\r\nConnection: close\r\n\r\n"],
    ["no Host", "GET /slow HTTP/1.1\r\nConnection: close\r\n\r\n"],
    [
      "Content-Length with Transfer-Encoding",
      "POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a space before the colon", "GET /slow HTTP/1.1\r\nHost : localhost\r\n\r\n"],
    ["an encoded slash", "GET /slow%2f..%2fkeyed HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"],
  ] as const) {
    it(`malformed (${name}): 400`, async () => {
      const answer = await raw(text);
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.match(answer, /application\/problem\+json/);
    });
  }

  it("oversize headers: 431; oversize body: 413, declared or not", async () => {
    assert.match(
      await raw(`GET /slow HTTP/1.1\r\nHost: localhost\r\nX-Big: ${"x".repeat(10_000)}\r\n\r\n`),
      /^HTTP\/1\.1 431 /,
    );
    const declared = await call(gateway, "/upload", { method: "POST", body: "x".repeat(2000) });
    assert.deepEqual([declared.status, declared.json()["reason"]], [413, "body-too-large"]);
    const chunks = `${"400\r\n"}${"x".repeat(1024)}\r\n`.repeat(3);
    const chunked = await raw(
      `POST /upload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
    );
    assert.match(chunked, /^HTTP\/1\.1 413 /);
  });

  it("over the rate limit: 429 with Retry-After; other keys of the limiter are not touched", async () => {
    const ask = (who: string): ReturnType<typeof call> =>
      call(gateway, "/keyed", { fresh: true, headers: { "ocp-apim-subscription-key": key, "x-who": who } });
    const statuses = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await ask("ann")).status);
    assert.deepEqual(statuses, [200, 200, 200, 429, 429], "exact over both workers");
    const refused = await ask("ann");
    assert.match(String(refused.headers["retry-after"]), /^([1-9]|[1-5]\d|60)$/);
    assert.match(String(refused.json()["message"]), /^Rate limit is exceeded\. Try again in \d+ seconds\.$/);
    assert.equal((await ask("ben")).status, 200);
  });

  it("an empty limiter key is a refusal, not one bucket for all", async () => {
    const response = await call(gateway, "/keyed", { headers: { "ocp-apim-subscription-key": key, "x-who": "" } });
    assert.deepEqual([response.status, response.json()["reason"]], [403, "limiter-key-empty"]);
  });

  it("out of quota: 403 with Retry-After", async () => {
    const ask = (): ReturnType<typeof call> =>
      call(gateway, "/quota", { fresh: true, headers: { "ocp-apim-subscription-key": `${key}-two` } });
    assert.deepEqual([(await ask()).status, (await ask()).status, (await ask()).status], [200, 200, 403]);
    const refused = await ask();
    assert.match(
      String(refused.json()["message"]),
      /^Out of call volume quota\. Quota will be replenished in \d\d:\d\d:\d\d\.$/,
    );
    assert.ok(Number(refused.headers["retry-after"]) > 0);
  });

  it("a key of another product: 401", async () => {
    const response = await call(gateway, "/quota", { headers: { "ocp-apim-subscription-key": key } });
    assert.deepEqual([response.status, response.json()["reason"]], [401, "key-not-in-scope"]);
  });

  it("upstream trouble: 502 refused, 502 garbage, 504 silent, and nothing internal", async () => {
    const down = await call(gateway, "/down");
    assert.deepEqual([down.status, down.json()["reason"]], [502, "upstream-connect-failed"]);
    const garbage = await call(gateway, "/broken");
    assert.deepEqual([garbage.status, garbage.json()["reason"]], [502, "upstream-malformed"]);
    const slow = await call(gateway, "/slow/stall");
    assert.deepEqual([slow.status, slow.json()["reason"]], [504, "upstream-timeout"]);
    for (const { text } of [down, garbage, slow]) assert.doesNotMatch(text, /127\.0\.0\.1|ECONN|at .*\.ts/);
  });

  it("does not pass the subscription key on, nor forged identity", async () => {
    await call(gateway, `/keyed?subscription-key=${key}&a=1`, {
      headers: {
        "x-who": "zoe",
        "x-auth-request-user": "root",
        "X-Sallyport-Assertion": "x",
        "x-forwarded-for": "6.6.6.6",
      },
    });
    const seen = upstream.seen.at(-1);
    assert.equal(seen?.headers["x-auth-request-user"], undefined);
    assert.equal(seen?.headers["x-sallyport-assertion"], undefined);
    assert.equal(seen?.headers["x-forwarded-for"], "127.0.0.1");
    assert.equal(seen?.url, "/?a=1");
  });
});
