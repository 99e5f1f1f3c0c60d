import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { tailRecords } from "#audit/read/tail.ts";
import { verifyAudit } from "#audit/read/verify.ts";
import { adminSocket, askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startIssuer, type TokenIssuer } from "./token-issuer.ts";

const audience = "api://admin";

/** Who gets in, from where, and that nothing which is forwarded does. */
describe("the admin API over TCP", () => {
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  let port = 0;

  const definition = (more: string): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: [api://orders] } } }
egress: { allow: ["https://127.0.0.1:${port === 0 ? 1 : port}"] }
admin:
  listen: "127.0.0.1:0"
  hosts: [admin.example.com]
  provider: corp
  audience: ${audience}
  roles: { viewer: '"staff" in principal.groups', operator: { group: platform } }
apis:
  open: { path: /open, access: public, policies: { inbound: [base, { return-response: { body: ok } }] } }
${more}`;

  before(async () => {
    issuer = await startIssuer(audience);
    const text = definition("");
    gateway = await startTestGateway({ definition: text, args: ["--workers", "2"] });
    port = Number(/"the admin API listens".*"port":(\d+)/.exec(gateway.output())?.[1]);
  });
  after(async () => {
    await gateway.cleanUp();
    await issuer.close();
  });

  interface Answer {
    readonly status: number;
    readonly reason: unknown;
    readonly text: string;
    readonly challenge: string | undefined;
    readonly id: string;
  }

  function ask(what: string, headers: Readonly<Record<string, string>> = {}, body?: string): Promise<Answer> {
    const [method = "", path = ""] = what.split(" ");
    const ca = readFileSync(join(gateway.data, "ca", "root.crt"));
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { host: "localhost", port, method, path, ca, headers, agent: false, servername: "localhost" },
        (response) => {
          let text = "";
          response.on("data", (chunk: Buffer) => {
            text += chunk.toString();
          });
          response.on("end", () => {
            const { statusCode: status = 0, headers: fields } = response;
            const json = /json/.test(fields["content-type"] ?? "") ? (JSON.parse(text) as Record<string, unknown>) : {};
            const id = String(fields["x-request-id"]);
            resolve({ status, reason: json["reason"], text, challenge: fields["www-authenticate"], id });
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  const bearer = async (...groups: string[]): Promise<{ authorization: string }> => ({
    authorization: `Bearer ${await issuer.token({ groups })}`,
  });

  it("asks for a token, and for one that is meant for it", async () => {
    const nobody = await ask("GET /status");
    assert.deepEqual([nobody.status, nobody.reason], [401, "credentials-missing"]);
    assert.match(String(nobody.challenge), /^Bearer/);
    const token = await issuer.token({ aud: "api://orders", groups: ["platform"] });
    const other = await ask("GET /status", { authorization: `Bearer ${token}` });
    assert.deepEqual([other.status, other.reason], [401, "token-audience-not-allowed"]);
    for (const authorization of ["Bearer x", "Bearer ", "Basic YTpi", "x"]) {
      assert.equal((await ask("GET /config", { authorization })).status, 401, authorization);
    }
  });

  it("gives each role its own, and nothing to those without one", async () => {
    assert.equal((await ask("GET /config", await bearer())).reason, "role-missing");
    assert.equal((await ask("GET /config", await bearer("staff"))).status, 200);
    for (const what of ["PUT /config", "POST /config/validate", "POST /reload", "POST /config/rollback/1"]) {
      assert.equal((await ask(what, await bearer("staff"))).reason, "role-missing", what);
    }
    assert.equal((await ask("GET /config", await bearer("platform"))).status, 200);
    assert.equal((await ask("POST /reload", await bearer("platform"))).status, 200);
  });

  it("is called by its own names only", async () => {
    const who = await bearer("platform");
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, `admin.example.com:${port}`]) {
      assert.equal((await ask("GET /status", { ...who, host })).status, 200, host);
    }
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "localhost",
      `localhost:${port + 1}`,
      `x.localhost:${port}`,
    ]) {
      assert.equal((await ask("GET /status", { ...who, host })).reason, "misdirected-request", host);
    }
  });

  it("does not answer a page of another origin, whatever it sends along", async () => {
    const who = await bearer("platform");
    for (const origin of [
      "https://evil.example",
      "null",
      `http://localhost:${port}`,
      `https://localhost:${port + 1}`,
    ]) {
      assert.equal((await ask("GET /status", { ...who, origin })).reason, "origin-not-allowed", origin);
    }
    assert.equal((await ask("GET /status", { ...who, "sec-fetch-site": "cross-site" })).reason, "origin-not-allowed");
    assert.equal((await ask("GET /status", { ...who, origin: `https://localhost:${port}` })).status, 200);
    assert.notEqual((await ask("OPTIONS /status", { ...who, origin: "https://evil.example" })).status, 200);
  });

  it("takes another role at once when the definition says so, and none when it says none", async () => {
    const who = await bearer("interns");
    assert.equal((await ask("GET /config", who)).status, 403);
    const file = join(gateway.folder, "sallyport.yaml");
    const was = readFileSync(file, "utf8");
    const reload = async (text: string): Promise<void> => {
      writeFileSync(file, text);
      assert.equal((await askAdmin(gateway, "POST /reload")).status, 200);
    };
    await reload(was.replace('"staff"', '"interns"'));
    assert.equal((await ask("GET /config", who)).status, 200);
    await reload(was.replace(/^admin:\n( .*\n)+/m, ""));
    assert.equal((await ask("GET /config", await bearer("platform"))).status, 401, "its provider is gone with it");
    await reload(was);
    assert.equal((await ask("GET /config", await bearer("platform"))).status, 200);
  });

  it("cannot be made a backend: nothing of it is put in force, on the disk or on a worker", async () => {
    const file = join(gateway.folder, "sallyport.yaml");
    const was = readFileSync(file, "utf8");
    const text = definition(
      `  way: { path: /way, access: public, backend: own }\nbackends: { own: { url: "https://127.0.0.1:${port}" } }\n`,
    );
    const headers = { "content-type": "application/yaml", "if-match": "*" };
    const refused = await askAdmin(gateway, "PUT /config", { headers, body: text });
    assert.deepEqual([refused.status, refused.json()["reason"]], [500, "configuration-failed"], refused.text);
    assert.equal(readFileSync(file, "utf8"), was);
    const answers = await Promise.all(Array.from({ length: 6 }, () => call(gateway, "/way", { fresh: true })));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [404]);
    // With its port in the definition, it is a problem of the definition already.
    const said = text.replace('listen: "127.0.0.1:0"\n  hosts', `listen: "127.0.0.1:${port}"\n  hosts`);
    const checked = await askAdmin(gateway, "POST /config/validate", { headers, body: said });
    const codes = (checked.json()["diagnostics"] as { code: string }[]).map(({ code }) => code);
    assert.deepEqual(codes, ["backend-admin"]);
  });

  it("is not reached by a destination of a policy, written or computed", async () => {
    const api = (name: string, url: string): string =>
      `  ${name}: { path: /${name}, access: public, policies: { inbound: [base, { set-backend-service: { baseUrl: "${url}" } }] } }\n`;
    const written = api("written", `https://127.0.0.1:${port}`);
    const body = definition(written + api("computed", "${request.headers['x-to']}"));
    const headers = { "content-type": "application/yaml", "if-match": "*" };
    assert.equal((await askAdmin(gateway, "PUT /config", { headers, body })).status, 200);
    for (const path of ["/written/config", "/computed/config"]) {
      const to = { "x-to": `https://127.0.0.1:${port}` };
      const answer = await call(gateway, path, { headers: to });
      assert.deepEqual([answer.status, answer.json()["reason"]], [502, "egress-not-allowed"], path);
    }
  });

  async function recordOf(id: string): Promise<Record<string, unknown>> {
    for (let tries = 0; tries < 100; tries += 1) {
      const entries = (await tailRecords(join(gateway.data, "audit"), 20)) as unknown as Record<string, unknown>[];
      const found = entries.find((entry) => entry["id"] === id);
      if (found !== undefined) return found;
      await sleep(50);
    }
    throw new Error(`no record of ${id}`);
  }

  it("records who was turned away and why", async () => {
    const { id } = await ask("PUT /config", await bearer("staff"));
    const record = await recordOf(id);
    assert.deepEqual([record["decision"], record["reasons"], record["status"]], ["deny", ["role-missing"], 403]);
    assert.equal((record["principal"] as Record<string, unknown>)["subject"], "ann");
    assert.deepEqual(record["route"], { api: "sallyport:admin", operation: "apply-config", template: "/config" });
    assert.equal((await verifyAudit(join(gateway.data, "audit"))).ok, true);
  });

  it("speaks TLS only", async () => {
    const socket = connect(port, "127.0.0.1");
    socket.end("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    await once(socket, "close");
    assert.doesNotMatch(text, /HTTP\/1.1 200/);
  });

  describe("on raw bytes", () => {
    const refused: readonly (readonly [name: string, bytes: string])[] = [
      ["two Hosts", "GET /status HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"],
      ["no Host", "GET /status HTTP/1.1\r\n\r\n"],
      ["another Host", "GET /status HTTP/1.1\r\nHost: evil.example\r\n\r\n"],
      ["an empty Host", "GET /status HTTP/1.1\r\nHost:\r\n\r\n"],
      ["HTTP/1.0", "GET /status HTTP/1.0\r\nHost: localhost\r\n\r\n"],
      ["HTTP/0.9", "GET /status\r\n\r\n"],
      ["an absolute target", "GET http://localhost/status HTTP/1.1\r\nHost: localhost\r\n\r\n"],
      ["an escape", "GET /%73tatus HTTP/1.1\r\nHost: localhost\r\n\r\n"],
      ["dot segments", "GET /config/../status HTTP/1.1\r\nHost: localhost\r\n\r\n"],
      ["two slashes", "GET //status HTTP/1.1\r\nHost: localhost\r\n\r\n"],
      ["a fragment", "GET /status#x HTTP/1.1\r\nHost: localhost\r\n\r\n"],
      ["an unknown parameter", "GET /status?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"],
      ["CONNECT", "CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n"],
      ["an upgrade", "GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"],
      [
        "both framings",
        "POST /reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ],
      ["two codings", "POST /reload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"],
      ["a body nobody asked for", "POST /reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"],
      [
        "a content coding",
        "POST /config/validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/yaml\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
      ],
      [
        "a form",
        "POST /config/validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1\r\n\r\nx",
      ],
      [
        "a body above the bound",
        "POST /config/validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/yaml\r\nContent-Length: 99999999\r\n\r\nx",
      ],
      [
        "no UTF-8",
        "POST /config/validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/yaml\r\nContent-Length: 1\r\n\r\n\xff",
      ],
      ["bare LF", "GET /status HTTP/1.1\nHost: localhost\n\n"],
      ["a folded field", "GET /status HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n"],
      ["a large head", `GET /status HTTP/1.1\r\nHost: localhost\r\nX: ${"a".repeat(20_000)}\r\n\r\n`],
      ["an unknown method", "BREW /status HTTP/1.1\r\nHost: localhost\r\n\r\n"],
      ["DELETE", "DELETE /config HTTP/1.1\r\nHost: localhost\r\n\r\n"],
      ["garbage", "\x16\x03\x01\x02\x00\x01\x00"],
    ];

    async function send(bytes: string): Promise<string> {
      const socket = connect(adminSocket(gateway));
      let text = "";
      socket.on("data", (chunk: Buffer) => {
        text += chunk.toString("latin1");
        if (/\r\n\r\n/.test(text)) socket.end();
      });
      socket.on("error", () => {});
      socket.write(Buffer.from(bytes, "latin1"));
      await once(socket, "close");
      return text;
    }

    for (const [name, bytes] of refused) {
      it(`refuses ${name}`, async () => {
        const text = await send(bytes);
        assert.ok(text === "" || /^HTTP\/1\.1 [45]\d\d /.test(text), text.slice(0, 200));
      });
    }

    it("answers the good request in front of garbage, and nothing twice", async () => {
      const good = "GET /upstreams HTTP/1.1\r\nHost: localhost\r\n\r\n";
      const socket = connect(adminSocket(gateway));
      let text = "";
      socket.on("data", (chunk: Buffer) => {
        text += chunk.toString("latin1");
      });
      socket.on("error", () => {});
      socket.write(`${good}\x00\x01 garbage\r\n\r\n`);
      await once(socket, "close");
      assert.equal(text.match(/HTTP\/1\.1 /g)?.length ?? 0, 1, text);
      assert.match(text, /^HTTP\/1\.1 200 /);
    });

    it("serves on", async () => {
      assert.equal((await askAdmin(gateway, "GET /status")).status, 200);
      assert.equal((await verifyAudit(join(gateway.data, "audit"))).ok, true);
    });
  });
});
