import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request as secureRequest } from "node:https";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { send } from "#test/forward-auth/setting.ts";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { askAdmin } from "#test/support/admin.ts";
import { freePorts } from "#test/support/free-port.ts";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

interface Reply {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

/** Asked for by one person, given by another, and in force on every worker until it ends. */
describe("access requests", () => {
  let issuer: TokenIssuer;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let adminPort: number;
  const tokens = new Map<string, string>();

  before(async () => {
    issuer = await startIssuer();
    [adminPort = 0] = await freePorts(1);
    upstream = await startUpstream((incoming, response) => {
      incoming.resume();
      if (incoming.url !== "/stream") return void response.end("paid");
      response.writeHead(200, { "content-type": "text/event-stream" });
      const timer = setInterval(() => response.write("data: tick\n\n"), 50);
      response.on("close", () => clearInterval(timer));
    });
    const definition = `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
admin:
  listen: 127.0.0.1:${adminPort}
  provider: corp
  audience: api://admin
  roles: { operator: { group: platform } }
approvals:
  payroll-admin:
    description: Change salaries
    maxDuration: 8h
    approvers: { anyOf: [{ group: leads }] }
    breakGlass: { for: [{ group: on-call }], maxDuration: 1h }
apis:
  payroll:
    path: /payroll
    backend: payroll
    access: [{ allow: '"staff" in principal.groups', approval: payroll-admin }]
  reports: { path: /reports, backend: payroll }
products:
  auditors: { apis: [reports], subscription: either, members: [{ group: auditors }, { approval: payroll-admin }] }
backends: { payroll: { url: "${upstream.url}" } }
`;
    gateway = await startTestGateway({ definition, args: ["--workers", "2"] });
    const people = { ann: ["staff"], carl: ["leads", "staff"], olga: ["on-call", "staff"], pia: ["platform"] };
    for (const [sub, groups] of Object.entries(people)) {
      tokens.set(sub, await issuer.token({ sub, groups, aud: ["api://test", "api://admin"] }));
    }
  });
  after(async () => {
    await gateway.cleanUp();
    await issuer.close();
    await upstream.close();
  });

  /** A call of the admin API over TCP, with somebody's token. */
  const admin = (who: string, method: string, path: string, body?: object): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const ca = readFileSync(join(gateway.data, "ca", "root.crt"), "utf8");
      const headers = { authorization: `Bearer ${tokens.get(who)}`, "content-type": "application/json" };
      const options = { host: "localhost", port: adminPort, method, path, headers, ca };
      const call = secureRequest(options, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => void (text += String(chunk)));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) as Reply["json"] }),
        );
      });
      call.on("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });

  const pay = async (who: string, path = "/payroll/run"): Promise<string> => {
    const { status, text } = await send(gateway.port, path, ["Authorization", `Bearer ${tokens.get(who)}`]);
    return status === 200 ? "200" : `${status} ${String((JSON.parse(text) as Record<string, unknown>)["reason"])}`;
  };

  /** Connections are spread over the workers: after some of them each has been asked. */
  const everyWorker = async (who: string, path?: string): Promise<ReadonlySet<string>> =>
    new Set(await Promise.all(Array.from({ length: 24 }, () => pay(who, path))));

  const openStream = (path: string, headers: Record<string, string>): Promise<{ readonly ended: Promise<number> }> =>
    new Promise((resolve, reject) => {
      get(`${gateway.url}${path}`, { headers, agent: false }, (response: IncomingMessage) => {
        assert.equal(response.statusCode, 200);
        const ended = new Promise<number>((done) => response.once("close", () => done(performance.now())));
        response.on("error", () => {});
        response.once("data", () => resolve({ ended }));
      }).on("error", reject);
    });

  const ask = async (who: string, parts: object = {}): Promise<string> => {
    const body = { approval: "payroll-admin", reason: "month end", durationSeconds: 3600, ...parts };
    const { status, json } = await admin(who, "POST", "/access/requests", body);
    assert.equal(status, 200, JSON.stringify(json));
    return String(json["id"]);
  };
  const decide = (who: string, id: string, step: string): Promise<Reply> =>
    admin(who, "POST", `/access/requests/${id}/${step}?comment=because`);

  it("says what is missing and where to ask, opens on every worker, and closes on every worker", async () => {
    const { status, text } = await send(gateway.port, "/payroll/run", ["Authorization", `Bearer ${tokens.get("ann")}`]);
    const problem = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual([status, problem["reason"], problem["approval"]], [403, "approval-required", "payroll-admin"]);
    assert.equal(problem["requestAccess"], "/.sallyport/access?approval=payroll-admin");
    const id = await ask("ann");
    assert.deepEqual([...(await everyWorker("ann"))], ["403 approval-required"], "asking opens nothing");
    assert.equal((await decide("ann", id, "approve")).status, 403);
    assert.equal((await decide("pia", id, "approve")).json["reason"], "approver-not-allowed", "a role is no approval");
    const granted = await decide("carl", id, "approve");
    assert.deepEqual([granted.status, granted.json["state"]], [200, "active"]);
    assert.deepEqual([...(await everyWorker("ann"))], ["200"]);
    assert.equal(await pay("carl"), "403 approval-required", "it is hers alone");
    assert.equal((await decide("carl", id, "revoke")).json["state"], "revoked");
    assert.deepEqual([...(await everyWorker("ann"))], ["403 approval-required"]);
  });

  it("opens a product whose members are its holders, and says so to who is none", async () => {
    const approvals = await admin("ann", "GET", "/access/approvals");
    assert.match(JSON.stringify(approvals.json), /"opens":\["payroll","product auditors"\]/);
    const { text } = await send(gateway.port, "/reports/run", ["Authorization", `Bearer ${tokens.get("pia")}`]);
    const problem = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual([problem["reason"], problem["approval"]], ["approval-required", "payroll-admin"]);
    const id = await ask("pia");
    await decide("carl", id, "approve");
    assert.deepEqual([...(await everyWorker("pia", "/reports/run"))], ["200"]);
    const headers = { authorization: `Bearer ${tokens.get("pia")}` };
    const ended = await openStream("/reports/stream", headers);
    const revoked = performance.now();
    await decide("carl", id, "revoke");
    assert.ok((await ended.ended) - revoked < 1000, "still open after a second");
    assert.deepEqual([...(await everyWorker("pia", "/reports/run"))], ["403 approval-required"]);
  });

  it("ends streams that are open within a second of the revocation", async () => {
    const id = await ask("ann");
    await decide("carl", id, "approve");
    const headers = { authorization: `Bearer ${tokens.get("ann")}` };
    const streams = await Promise.all(Array.from({ length: 6 }, () => openStream("/payroll/stream", headers)));
    const revoked = performance.now();
    await decide("pia", id, "revoke");
    for (const { ended } of streams) assert.ok((await ended) - revoked < 1000, "still open after a second");
  });

  it("last a minute at least", async () => {
    const body = { approval: "payroll-admin", reason: "quick", durationSeconds: 60 };
    const tooShort = await admin("ann", "POST", "/access/requests", { ...body, durationSeconds: 1 });
    assert.equal(tooShort.status, 400);
  });

  it("break the glass for those on call, with an alarm in log and metrics", async () => {
    const body = { approval: "payroll-admin", reason: "the payroll run hangs", durationSeconds: 600 };
    const refused = await admin("ann", "POST", "/access/break-glass", body);
    assert.deepEqual([refused.status, refused.json["reason"]], [403, "requester-not-allowed"]);
    const taken = await admin("olga", "POST", "/access/break-glass", body);
    assert.deepEqual([taken.status, taken.json["breakGlass"]], [200, true]);
    assert.deepEqual([...(await everyWorker("olga"))], ["200"]);
    const metrics = (await askAdmin(gateway, "GET /metrics")).text;
    assert.match(metrics, /sallyport_break_glass_total\{approval="payroll-admin"\} 1/);
    assert.match(metrics, /sallyport_access_requests\{approval="payroll-admin",state="active"\} 1/);
    const line =
      gateway
        .output()
        .split("\n")
        .find((one) => one.includes("the glass was broken")) ?? "";
    assert.match(line, /"level":"error".*the payroll run hangs/);
    await decide("carl", String(taken.json["id"]), "revoke");
  });

  it("are asked and decided on the command line, and by the process's own user only if it is named", async () => {
    const cli = (who: string, ...args: readonly string[]): Promise<CliResult> =>
      runCli(["access", ...args], {
        SALLYPORT_ADMIN_URL: `https://localhost:${adminPort}`,
        SALLYPORT_ADMIN_CA: join(gateway.data, "ca", "root.crt"),
        SALLYPORT_ADMIN_TOKEN: tokens.get(who) ?? "",
      });
    const asked = await cli("ann", "request", "payroll-admin", "--reason", "month end", "--duration", "2h", "--json");
    assert.equal(asked.code, 0, asked.stderr);
    const { id } = JSON.parse(asked.stdout) as { readonly id: string };
    const owner = await runCli(["access", "approve", id, "--data", gateway.data]);
    assert.deepEqual([owner.code, /approver-not-allowed|no rule/.test(owner.stderr)], [1, true], owner.stderr);
    assert.match((await cli("carl", "list", "--waiting")).stdout, new RegExp(`${id} +payroll-admin +pending`));
    const approved = await cli("carl", "approve", id, "--comment", "fine");
    assert.match(approved.stdout, /is active, until/);
    assert.match((await cli("ann", "show", id)).stdout, /grant .*carl +fine/);
    assert.equal((await cli("ann", "revoke", id)).code, 0, "whoever holds it may give it back");
    assert.equal(await pay("ann"), "403 approval-required");
  });

  it("stand in the record: who did what, for whom, and why", async () => {
    await sleep(300);
    const audit = await runCli(["audit", "tail", "--last", "200", "--data", gateway.data]);
    assert.equal(audit.code, 0, audit.stderr);
    assert.match(audit.stdout, /approve-access/);
    const verified = await runCli(["audit", "verify", "--data", gateway.data]);
    assert.equal(verified.code, 0, verified.stdout);
  });

  it("are still in force after a restart", async () => {
    const id = await ask("ann");
    await decide("carl", id, "approve");
    const text = readFileSync(join(gateway.folder, "sallyport.yaml"), "utf8");
    await gateway.stop();
    gateway = await startTestGateway({ definition: text, folder: gateway.folder, args: ["--workers", "2"] });
    assert.deepEqual([...(await everyWorker("ann"))], ["200"]);
    assert.equal((await askAdmin(gateway, "GET /access/requests?state=active")).json()["next"], null);
  });
});
