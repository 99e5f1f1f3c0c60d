import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const run = promisify(execFile);

interface Answer {
  readonly status: number;
  readonly reason: unknown;
  readonly id: string;
}

interface Got {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

interface Stream {
  readonly id: string;
  readonly ended: Promise<string>;
  readonly close: () => void;
}

const definitionFor = (upstream: string): string => `version: 1
edge:
  https: internal
  listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }
  clientCertificates: { mode: request, internalCa: true }
apis:
  required: { hosts: [localhost], path: /required, access: public, clientCertificate: require, respond: { body: "{}" } }
  events: { path: /events, access: public, clientCertificate: require, backend: up }
  checked:
    path: /checked
    access: public
    policies: { inbound: [{ validate-client-certificate: {} }] }
    respond: { body: "{}" }
backends: { up: { url: "${upstream}" } }
`;

/** `sallyport ca` beside a gateway that runs with the same folder. */
describe("what the internal CA revokes", needsCommand("openssl"), () => {
  let upstream: TestUpstream;
  let definition: string;
  let gateway: TestGateway;
  let clearPort: number;
  const serials = new Map<string, string>();
  const agents: Agent[] = [];

  const at = (name: string): string => join(gateway.folder, name);
  const ca = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCli(["ca", ...args, "--data", gateway.data, "--json"]);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const issue = async (name: string): Promise<void> => {
    const made = await ca("issue", "--dns", `${name}.test`, "--out", at(name));
    serials.set(name, (JSON.parse(made) as { readonly serial: string }).serial);
  };
  const agentOf = (name: string): Agent => {
    const [cert, key] = [readFileSync(at(`${name}.crt`)), readFileSync(at(`${name}.key`))];
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: gateway.ca, cert, key });
    agents.push(agent);
    return agent;
  };
  const ask = (path: string, agent: Agent): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: "localhost", port: gateway.port, path, agent }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          const { reason } = JSON.parse(text) as { readonly reason?: unknown };
          resolve({ status: response.statusCode ?? 0, reason, id: String(response.headers["x-request-id"]) });
        });
      });
      sent.on("error", reject);
      sent.end();
    });
  const refused = async (path: string, agent: Agent): Promise<Answer> => {
    for (let tries = 0; ; tries += 1) {
      const answer = await ask(path, agent);
      if (answer.status !== 200 || tries > 200) return answer;
      await sleep(50);
    }
  };
  const get = (path: string, method = "GET"): Promise<Got> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest({ host: "127.0.0.1", port: clearPort, path, method, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const type = String(response.headers["content-type"]);
          resolve({ status: response.statusCode ?? 0, type, body: Buffer.concat(chunks) });
        });
      });
      sent.on("error", reject);
      sent.end();
    });
  const placeIn = async (name: string): Promise<string> => {
    const shown = await run("openssl", ["x509", "-in", at(`${name}.crt`), "-noout", "-ext", "crlDistributionPoints"]);
    return /URI:(\S+)/.exec(shown.stdout)?.[1] ?? shown.stdout;
  };
  /** OpenSSL fetches the list itself, from where the certificate says. */
  const verify = async (name: string): Promise<string> => {
    const trust = ["-CAfile", join(gateway.data, "ca", "root.crt"), "-untrusted", at(`${name}.crt`)];
    const done = run("openssl", ["verify", "-crl_download", "-crl_check", ...trust, at(`${name}.crt`)]);
    const { stdout, stderr } = await done.catch((error: { stdout: string; stderr: string }) => error);
    return stdout + stderr;
  };

  before(async () => {
    upstream = await startUpstream((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: first\n\n");
    });
    definition = definitionFor(upstream.url);
    gateway = await startTestGateway({ definition, args: ["--workers", "2"] });
    for (const name of ["one", "two", "three", "four"]) await issue(name);
    clearPort = Number(new URL(await placeIn("one")).port);
  });
  after(async () => {
    for (const agent of agents) agent.destroy();
    await gateway?.cleanUp();
    await upstream?.close();
  });

  it("is good before: for listeners, for the policy, and for OpenSSL, which fetches the list in clear text", async () => {
    for (const path of ["/required", "/checked"]) {
      assert.deepEqual((await ask(path, agentOf("one"))).status, 200, path);
    }
    assert.match(await placeIn("one"), /^http:\/\/localhost:\d+\/\.sallyport\/crl\/[0-9a-f]{40}\.crl$/);
    assert.match(await verify("one"), /one\.crt: OK/);
  });

  it("gives its lists there and nothing else: all other requests go to HTTPS", async () => {
    const { pathname } = new URL(await placeIn("one"));
    const { status, type, body } = await get(pathname);
    assert.deepEqual([status, type], [200, "application/pkix-crl"]);
    writeFileSync(at("list.der"), body);
    const shown = await run("openssl", ["crl", "-inform", "DER", "-in", at("list.der"), "-noout", "-issuer"]);
    assert.match(shown.stdout, /Sallyport Internal Intermediate/);
    const head = await get(pathname, "HEAD");
    assert.deepEqual([head.status, head.body.length], [200, 0]);
    assert.equal((await get(pathname.replace(/[0-9a-f]{40}/, "0".repeat(40)))).status, 404);
    assert.equal((await get(pathname, "POST")).status, 308);
    assert.equal((await get(`${pathname}/x`)).status, 308);
  });

  it("is refused once it is revoked, also on a connection that is open, and the record says why", async () => {
    const [open, other] = [agentOf("two"), agentOf("one")];
    assert.equal((await ask("/required", open)).status, 200);
    await ca("revoke", serials.get("two") ?? "", "--reason", "keyCompromise");
    for (const path of ["/required", "/checked"]) {
      for (const agent of [open, agentOf("two"), agentOf("two")]) {
        const { status, reason, id } = await refused(path, agent);
        assert.deepEqual([status, reason], [403, "certificate-not-trusted"], path);
        if (agent === open) assert.match(await explained(id), /CERT_REVOKED/);
      }
    }
    assert.equal((await ask("/required", other)).status, 200);
    assert.match(await verify("two"), /certificate revoked/);
    assert.match(await verify("one"), /one\.crt: OK/);
  });

  it("ends what is under way with it, and nothing else", async () => {
    const [ours, others] = [await streamOf(agentOf("four")), await streamOf(agentOf("one"))];
    await ca("revoke", at("four.crt"));
    assert.equal(await ours.ended, "ended");
    // Its end is on record a moment after it.
    for (let tries = 0; tries < 50 && !/access-withdrawn/.test(await explained(ours.id)); tries += 1) await sleep(50);
    assert.match(await explained(ours.id), /access-withdrawn/);
    assert.equal(await Promise.race([others.ended, sleep(200, "open")]), "open");
    others.close();
  });

  it("stays revoked over a restart, and what is revoked meanwhile is known then", async () => {
    await gateway.stop();
    await ca("revoke", at("three.crt"));
    const { folder, data } = gateway;
    gateway = await startTestGateway({ definition, folder, args: ["--workers", "2"] });
    assert.equal(gateway.data, data);
    for (const name of ["two", "three"]) {
      const { status, reason } = await ask("/required", agentOf(name));
      assert.deepEqual([status, reason], [403, "certificate-not-trusted"], name);
    }
    assert.equal((await ask("/required", agentOf("one"))).status, 200);
  });

  /** An event stream that has begun. */
  const streamOf = (agent: Agent): Promise<Stream> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: "localhost", port: gateway.port, path: "/events", agent }, (response) => {
        const ended = new Promise<string>((end) => response.once("close", () => end("ended")));
        // It is cut off: that is what is waited for.
        response.on("error", () => {});
        const close = (): void => void response.destroy();
        response.once("data", () => resolve({ id: String(response.headers["x-request-id"]), ended, close }));
      });
      sent.on("error", reject);
      sent.end();
    });
  const explained = async (id: string): Promise<string> => {
    for (let tries = 0; ; tries += 1) {
      const { code, stdout } = await runCli(["explain", id, "--data", gateway.data]);
      if (code === 0 || tries > 100) return stdout;
      await sleep(100);
    }
  };
});
