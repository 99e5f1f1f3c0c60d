import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type OpensslCa, type OpensslResponder, startOpensslCa } from "#test/support/openssl-ca.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

interface Answer {
  readonly status: number;
  readonly reason: unknown;
  readonly id: string;
  readonly resumed: boolean;
}

/** As API Management's documents have it as a rule: nothing is said of revocation, so it is asked for. */
const document = `<policies>
  <inbound><base /><validate-client-certificate /></inbound>
  <backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error>
</policies>`;

describe("revoked client certificates, whole gateway", needsCommand("openssl"), () => {
  let ca: OpensslCa;
  let responder: OpensslResponder;
  let upstream: TestUpstream;
  let gateway: TestGateway;

  const chains: Readonly<Record<string, readonly string[]>> = { below: ["below", "team"] };
  const agentOf = (name: string): Agent =>
    new Agent({
      keepAlive: true,
      maxSockets: 1,
      ca: gateway.ca,
      cert: (chains[name] ?? [name]).map((one) => ca.pem(one)).join(""),
      key: ca.key(name),
    });
  const ask = (agent: Agent): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: "localhost", port: gateway.port, path: "/checked", agent }, (response) => {
        let text = "";
        const resumed = (response.socket as unknown as { isSessionReused(): boolean }).isSessionReused();
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          const { reason } = JSON.parse(text) as { readonly reason?: unknown };
          resolve({ status: response.statusCode ?? 0, reason, id: String(response.headers["x-request-id"]), resumed });
        });
      });
      sent.on("error", reject);
      sent.end();
    });
  const once = async (name: string): Promise<Answer> => {
    const agent = agentOf(name);
    try {
      return await ask(agent);
    } finally {
      agent.destroy();
    }
  };
  const explained = async (id: string): Promise<string> => {
    for (let tries = 0; ; tries += 1) {
      const { code, stdout } = await runCli(["explain", id, "--data", gateway.data]);
      if (code === 0 || tries > 100) return stdout;
      await sleep(100);
    }
  };

  before(async () => {
    ca = await startOpensslCa();
    responder = await ca.respond();
    await ca.issue("team", { ca: true });
    await ca.issue("below", { by: "team" });
    await ca.issue("listed");
    await ca.issue("gone");
    await ca.issue("asked", { ocsp: responder.url, list: false });
    await ca.issue("asked-gone", { ocsp: responder.url, list: false });
    await ca.issue("silent", { list: false });
    await ca.issue("elsewhere", { ocsp: "http://127.0.0.1:1/", list: false });
    await ca.revoke("gone");
    await ca.revoke("asked-gone");
    await ca.publish();
    await ca.publish("team");
    await responder.restart();
    upstream = await startUpstream((_, response) => response.end("{}"));
    gateway = await startTestGateway({
      definition: `version: 1
edge:
  https: internal
  listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }
  clientCertificates: { mode: request, ca: root.crt }
egress: { allow: ["${ca.url}", "${responder.url}"] }
apis:
  checked: { path: /checked, backend: up, access: public, policies: checked.xml }
backends:
  up: { url: "${upstream.url}" }
`,
      files: { "root.crt": ca.root, "checked.xml": document },
      args: ["--workers", "2"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream?.close();
    await ca?.stop();
  });

  it("lets pass what the list and the responder call good", async () => {
    for (const name of ["listed", "asked", "below"]) {
      const { status, reason } = await once(name);
      assert.deepEqual([status, reason], [200, undefined], name);
    }
  });

  it("refuses what they call revoked, and the record says so", async () => {
    for (const name of ["gone", "asked-gone"]) {
      const { status, reason, id } = await once(name);
      assert.deepEqual([status, reason], [403, "certificate-revoked"], name);
      assert.match(await explained(id), new RegExp(`CN=${name}: revoked at 2`));
    }
  });

  it("refuses what nobody can be asked about, or may be: the address stands in no egress pattern", async () => {
    for (const [name, why] of [
      ["silent", /CN=silent: it names neither a responder nor a revocation list/],
      ["elsewhere", /CN=elsewhere: OCSP: 127\.0\.0\.1:1 cannot be reached: the destination is refused/],
    ] as const) {
      const { status, reason, id } = await once(name);
      assert.deepEqual([status, reason], [403, "certificate-status-unknown"], name);
      assert.match(await explained(id), why);
    }
  });

  it("knows the issuer of a session that resumes, on whichever worker", async () => {
    const agent = agentOf("below");
    let resumed = 0;
    for (let tries = 0; tries < 12; tries += 1) {
      const answer = await ask(agent);
      assert.deepEqual([answer.status, answer.reason], [200, undefined]);
      if (answer.resumed) resumed += 1;
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
      await sleep(20);
    }
    agent.destroy();
    assert.ok(resumed > 0);
  });

  it("counts what came of the questions", async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const socketPath = join(gateway.data, "admin.sock");
      const sent = httpRequest({ socketPath, path: "/metrics" }, (response) => {
        let body = "";
        response.on("data", (chunk: Buffer) => (body += chunk.toString()));
        response.on("end", () => resolve(body));
      });
      sent.on("error", reject);
      sent.end();
    });
    const lines = text.split("\n").filter((line) => line.startsWith("sallyport_revocation_checks_total{"));
    const counts = new Map(
      lines.map((line) => [line.replaceAll(/^.*{source="(\w+)",result="(\w+)"} .*$/g, "$1 $2"), line]),
    );
    assert.deepEqual(
      [...counts.keys()].toSorted(),
      ["crl good", "crl revoked", "ocsp failed", "ocsp good", "ocsp revoked"],
      lines.join("\n"),
    );
    assert.match(counts.get("crl revoked") ?? "", / 1$/);
  });

  it("fetched each list once for all workers and requests", () => {
    assert.deepEqual(ca.asked.toSorted(), ["/root.crl", "/team.crl"]);
  });
});
