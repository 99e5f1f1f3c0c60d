import assert from "node:assert/strict";
import { Agent, request } from "node:https";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { type OpensslCa, startOpensslCa } from "#test/support/openssl-ca.ts";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

interface Stream {
  readonly status: number;
  readonly id: string;
  readonly ended: Promise<string>;
  readonly close: () => void;
}

/** Lists that hold for seconds stand for those that hold for days. */
const seconds = ["-crlsec", "8"];

describe("streams of clients whose certificate somebody else has revoked", needsCommand("openssl"), () => {
  let ca: OpensslCa;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  const agents: Agent[] = [];

  const open = (name: string, path = "/events"): Promise<Stream> => {
    const issuer = name === "lonely" ? ca.pem("team") : "";
    const agent = new Agent({ ca: gateway.ca, cert: ca.pem(name) + issuer, key: ca.key(name) });
    agents.push(agent);
    return new Promise((resolve, reject) => {
      const sent = request({ host: "localhost", port: gateway.port, path, agent }, (response) => {
        const { promise, resolve: end } = Promise.withResolvers<string>();
        response.once("close", () => end("ended"));
        // It is cut off: that is what is waited for.
        response.on("error", () => {});
        const [status, id] = [response.statusCode ?? 0, String(response.headers["x-request-id"])];
        response.once("data", () => resolve({ status, id, ended: promise, close: () => void response.destroy() }));
      });
      sent.on("error", reject);
      sent.end();
    });
  };
  /** Once it has ended: until then its record says that it is open. */
  const explained = async (id: string): Promise<string> => {
    for (let tries = 0; ; tries += 1) {
      const { code, stdout } = await runCli(["explain", id, "--data", gateway.data]);
      if ((code === 0 && !stdout.includes("open when this was written")) || tries > 100) return stdout;
      await sleep(100);
    }
  };

  before(async () => {
    ca = await startOpensslCa();
    await ca.issue("team", { ca: true });
    for (const name of ["gone", "stays"]) await ca.issue(name);
    await ca.issue("lonely", { by: "team" });
    upstream = await startUpstream((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: first\n\n");
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge:
  https: internal
  listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }
  clientCertificates: { mode: request, ca: root.crt }
egress: { allow: ["${ca.url}"] }
apis:
  events:
    path: /events
    backend: up
    access: public
    policies: { inbound: [{ validate-client-certificate: {} }] }
  lenient:
    path: /lenient
    backend: up
    access: public
    policies: { inbound: [{ validate-client-certificate: { ignoreError: true } }] }
backends: { up: { url: "${upstream.url}" } }
`,
      files: { "root.crt": ca.root },
      args: ["--workers", "2"],
    });
  });
  after(async () => {
    for (const agent of agents) agent.destroy();
    await gateway?.cleanUp();
    await upstream?.close();
    await ca?.stop();
  });

  it("end when the next list says so; others go on, also where there is no next list for a while", async () => {
    await ca.publish("root", ...seconds);
    await ca.publish("team", ...seconds);
    const [gone, stays, lonely, lenient] = await Promise.all([
      open("gone"),
      open("stays"),
      open("lonely"),
      open("gone", "/lenient"),
    ]);
    assert.deepEqual([gone.status, stays.status, lonely.status, lenient.status], [200, 200, 200, 200]);
    await ca.revoke("gone");
    await ca.publish("root");
    ca.served.delete("/team.crl");
    assert.equal(await Promise.race([gone.ended, sleep(500, "open")]), "open", "what was said holds until it ends");
    assert.equal(await Promise.race([gone.ended, sleep(20_000, "open")]), "ended");
    assert.match(await explained(gone.id), /access-withdrawn.*certificate-revoked: CN=gone: revoked at 2/s);
    const others = Promise.race([stays.ended, lonely.ended, lenient.ended]);
    assert.equal(await Promise.race([others, sleep(1000, "open")]), "open");
    const late = await open("lonely");
    assert.equal(late.status, 403, "nobody who comes now is let in without a word");
    for (const stream of [stays, lonely, lenient, late]) stream.close();
  });
});
