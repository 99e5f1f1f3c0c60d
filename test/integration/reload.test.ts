import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const definition = (upstream: string, header: string): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  echo:
    path: /echo
    backend: echo
    access: public
    policies: { outbound: [base, { set-header: { name: X-Version, values: ["${header}"] } }] }
backends: { echo: { url: "${upstream}" } }
`;

describe("reload", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let release: (() => void) | undefined;

  before(async () => {
    upstream = await startUpstream((incoming, response) => {
      if (!incoming.url?.startsWith("/slow")) return response.end("fast");
      response.write("first ");
      release = () => response.end("last");
      return undefined;
    });
    gateway = await startTestGateway({ definition: definition(upstream.url, "one"), args: ["--workers", "2"] });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  const write = (text: string): void => writeFileSync(join(gateway.folder, "sallyport.yaml"), text);

  /** Several fresh connections, so that every worker is asked. */
  async function versions(): Promise<string[]> {
    const answers = await Promise.all(Array.from({ length: 8 }, () => call(gateway, "/echo", { fresh: true })));
    return [...new Set(answers.map(({ headers }) => String(headers["x-version"])))];
  }

  async function until(expected: string): Promise<void> {
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await versions()).join() === expected) return;
      await sleep(50);
    }
    assert.fail(`never all on ${expected}: ${await versions()}\n${gateway.output()}`);
  }

  it("serves a changed definition a moment after the file is saved, on every worker", async () => {
    await until("one");
    write(definition(upstream.url, "two"));
    await until("two");
  });

  it("leaves the old definition serving when the new one is broken, and says why", async () => {
    write(definition(upstream.url, "three").replace("backend: echo", "backend: ecko"));
    for (let tries = 0; tries < 100 && !gateway.output().includes("ecko"); tries += 1) await sleep(50);
    assert.match(gateway.output(), /reload refused/);
    assert.match(gateway.output(), /ecko/);
    assert.deepEqual(await versions(), ["two"]);
  });

  it("reloads on SIGHUP as well", async () => {
    write(definition(upstream.url, "four"));
    gateway.process.kill("SIGHUP");
    await until("four");
  });

  it("does not touch a response on its way", async () => {
    const body = new Promise<string>((resolve, reject) => {
      const outgoing = request(
        { host: "localhost", port: gateway.port, path: "/echo/slow", ca: gateway.ca },
        (response) => {
          let text = "";
          response.on("data", (chunk: Buffer) => {
            text += chunk.toString();
          });
          response.on("end", () => resolve(text));
          response.on("error", reject);
        },
      );
      outgoing.on("error", reject);
      outgoing.end();
    });
    while (release === undefined) await sleep(10);
    write(definition(upstream.url, "five"));
    await until("five");
    release();
    assert.equal(await body, "first last");
  });

  it("finishes what is in flight on SIGTERM, then ends with 0", async () => {
    release = undefined;
    const body = call(gateway, "/echo/slow");
    while (release === undefined) await sleep(10);
    const ended = gateway.stop();
    await sleep(200);
    await assert.rejects(call(gateway, "/echo", { fresh: true }), "no new connection is taken");
    (release as () => void)();
    assert.equal((await body).text, "first last");
    assert.equal(await ended, 0);
  });
});
