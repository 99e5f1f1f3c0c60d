import assert from "node:assert/strict";
import { request } from "node:http";
import { request as secureRequest } from "node:https";
import { after, before, describe, it } from "node:test";
import { freePorts } from "#test/support/free-port.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";

interface Answer {
  readonly status: number;
  readonly location: string;
  readonly body: string;
}

function ask(port: number, host: string, secure: boolean = false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path: "/x", agent: false, headers: { Host: host } };
    const sent = secure ? secureRequest({ ...options, servername: host, rejectUnauthorized: false }) : request(options);
    sent.on("error", reject);
    sent.on("response", (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? "", body }),
      );
    });
    sent.end();
  });
}

describe("ports of an API", () => {
  let gateway: TestGateway;
  let [secure, other, clear, plain] = [0, 0, 0, 0];

  before(async () => {
    [secure = 0, other = 0, clear = 0, plain = 0] = await freePorts(4);
    const answer = (body: string): string => `path: /, access: public, respond: { body: ${body} }`;
    gateway = await startTestGateway({
      definition: `version: 1
edge:
  https: internal
  listen: { https: ["127.0.0.1:${secure}", "127.0.0.1:${other}"], http: ["127.0.0.1:${clear}", "127.0.0.1:${plain}"] }
apis:
  everywhere: { hosts: [a.localhost], ${answer("everywhere")} }
  one: { hosts: [b.localhost], ports: [${secure}], ${answer("one")} }
  two: { hosts: [b.localhost], ports: [${other}, ${plain}], ${answer("two")} }
  some: { hosts: ["*.c.localhost"], ports: [${clear}], ${answer("some")} }
`,
      args: ["--workers", "1"],
    });
  });
  after(() => gateway.cleanUp());

  it("tell the same host apart, and one without ports is on every listener with TLS", async () => {
    assert.equal((await ask(secure, "b.localhost", true)).body, "one");
    assert.equal((await ask(other, "b.localhost", true)).body, "two");
    assert.equal((await ask(secure, "a.localhost", true)).body, "everywhere");
    assert.equal((await ask(other, "a.localhost", true)).body, "everywhere");
  });

  it("serve in clear text what names the port, at its hosts alone", async () => {
    assert.equal((await ask(plain, "b.localhost")).body, "two");
    assert.equal((await ask(clear, "x.c.localhost")).body, "some");
    for (const [port, host] of [
      [clear, "b.localhost"],
      [clear, "x.y.c.localhost"],
      [clear, "c.localhost"],
      [plain, "a.localhost"],
      [plain, "x.c.localhost"],
    ] as const) {
      const { status, location } = await ask(port, host);
      assert.deepEqual([status, location], [308, `https://${host}:${secure}/x`]);
    }
  });
});
