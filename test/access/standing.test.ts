import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request as secureRequest } from "node:https";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { askAdmin } from "#test/support/admin.ts";
import { freePorts } from "#test/support/free-port.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";

interface Reply {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

/** A provider whose people are those of the directory, with the directory's groups. Every token here says other groups. */
describe("the admin API, where the directory says who somebody is", () => {
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  let port = 0;

  before(async () => {
    issuer = await startIssuer("api://admin");
    [port = 0] = await freePorts(1);
    const definition = `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity:
  providers:
    corp: { issuer: "${issuer.url}", audiences: ["api://test"], users: { required: true, groups: directory } }
admin:
  listen: 127.0.0.1:${port}
  provider: corp
  audience: api://admin
  roles: { viewer: { group: staff }, operator: { group: platform } }
approvals:
  payroll: { approvers: { anyOf: [{ group: leads }] } }
  vault: { approvers: { atLeast: 2, of: [{ group: leads }] } }
apis:
  payroll: { path: /payroll, respond: { status: 204 }, access: [{ approval: payroll }] }
  vault: { path: /vault, respond: { status: 204 }, access: [{ approval: vault }] }
`;
    gateway = await startTestGateway({ definition, args: ["--workers", "1"] });
    for (const group of ["staff", "platform", "leads"]) await owner(`PUT /groups/${group}`, { displayName: group });
  });
  after(async () => {
    await gateway.cleanUp();
    await issuer.close();
  });

  /** As the process's own user. */
  async function owner(what: string, body?: object): Promise<void> {
    const headers = { "content-type": "application/json" };
    const sent = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    const { status, text } = await askAdmin(gateway, what, sent);
    assert.equal(status, 200, text);
  }

  const put = (id: string, ...groups: readonly string[]): Promise<void> =>
    owner(`PUT /users/${id}`, { email: `${id}@example.com`, groups, identities: [{ provider: "corp", id }] });

  async function ask(who: string, what: string, body?: object): Promise<Reply> {
    const [method = "", path = ""] = what.split(" ");
    const token = await issuer.token({ sub: who, groups: ["platform", "leads"] });
    const ca = readFileSync(join(gateway.data, "ca", "root.crt"), "utf8");
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return new Promise((resolve, reject) => {
      const call = secureRequest({ host: "localhost", port, method, path, headers, ca, agent: false }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => void (text += String(chunk)));
        response.on("end", () => {
          const isJson = /json/.test(response.headers["content-type"] ?? "");
          const json = isJson ? (JSON.parse(text) as Reply["json"]) : {};
          resolve({ status: response.statusCode ?? 0, json });
        });
      });
      call.on("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async function said(who: string, what: string, body?: object): Promise<string> {
    const { status, json } = await ask(who, what, body);
    return status === 200 ? "200" : `${status} ${String(json["reason"])}`;
  }

  it("gives roles by the directory's groups, and none to whoever is blocked, revoked or no user", async () => {
    await put("pia", "platform");
    assert.equal(await said("pia", "POST /reload"), "200");
    await put("pia", "staff");
    assert.deepEqual(
      [await said("pia", "POST /reload"), await said("pia", "GET /config")],
      ["403 role-missing", "200"],
    );
    await owner("POST /users/pia/block");
    assert.equal(await said("pia", "GET /config"), "403 user-blocked");
    await owner("POST /users/pia/activate");
    const revoked = { kind: "principal", id: `${issuer.url}||pia` };
    await owner("POST /revocations", revoked);
    assert.equal(await said("pia", "GET /config"), "403 principal-revoked");
    await owner("POST /revocations/lift", revoked);
    assert.equal(await said("pia", "GET /config"), "200");
    assert.equal(await said("nobody", "GET /config"), "403 user-unknown-here");
  });

  const asked = { approval: "payroll", reason: "month end", durationSeconds: 3600 };
  async function request(who: string, approval: string = "payroll"): Promise<string> {
    await put(who, "developers");
    const { status, json } = await ask(who, "POST /access/requests", { ...asked, approval });
    assert.equal(status, 200, JSON.stringify(json));
    return `POST /access/requests/${String(json["id"])}`;
  }

  it("knows approvers by the directory's groups", async () => {
    await put("lea", "developers");
    const path = await request("ann");
    assert.equal(await said("lea", `${path}/approve`), "404 access-request-unknown", "whatever her token says");
    await put("lea", "leads");
    assert.equal(await said("lea", `${path}/approve`), "200");
  });

  it("takes no word of a delegate for whoever is blocked, revoked, in the group no more, or gone", async () => {
    await put("lou", "leads");
    await put("dora", "developers");
    const dora = { to: `${issuer.url}||dora`, durationSeconds: 3600 };
    assert.equal(await said("lou", "POST /access/delegations", dora), "200");
    const path = await request("bea");
    const unknown = "404 access-request-unknown";
    const revoked = { kind: "principal", id: `${issuer.url}||lou` };
    await owner("POST /users/lou/block");
    assert.equal(await said("dora", `${path}/approve`), unknown, "blocked");
    await owner("POST /users/lou/activate");
    await owner("POST /revocations", revoked);
    assert.equal(await said("dora", `${path}/approve`), unknown, "revoked");
    await owner("POST /revocations/lift", revoked);
    await put("lou", "developers");
    assert.equal(await said("dora", `${path}/approve`), unknown, "no lead any more");
    await put("lou", "leads");
    await owner("DELETE /users/lou");
    assert.equal(await said("dora", `${path}/approve`), unknown, "gone");
    await put("lou", "leads");
    assert.equal(await said("dora", `${path}/approve`), "200");
  });

  it("counts no word that was given before its giver was blocked, revoked, or left the group", async () => {
    for (const lead of ["una", "dan", "tom"]) await put(lead, "leads");
    const path = await request("cyd", "vault");
    const vote = async (who: string): Promise<unknown> => (await ask(who, `${path}/approve`)).json["state"];
    assert.equal(await vote("una"), "pending");
    await owner("POST /users/una/block");
    assert.equal(await vote("dan"), "pending", "una is blocked");
    await owner("POST /users/una/activate");
    await owner("POST /revocations", { kind: "principal", id: `${issuer.url}||una` });
    await put("dan", "developers");
    assert.equal(await vote("tom"), "pending", "una is revoked, and dan is no lead");
    await put("dan", "leads");
    await put("last", "leads");
    assert.equal(await vote("last"), "active");
  });
});
