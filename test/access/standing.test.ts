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
approvals: { payroll: { approvers: { anyOf: [{ group: leads }] } } }
apis:
  payroll: { path: /payroll, respond: { status: 204 }, access: [{ approval: payroll }] }
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
});
