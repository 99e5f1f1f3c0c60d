import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Reply, send } from "#test/forward-auth/setting.ts";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const here = "/.sallyport/access";

describe("the pages that ask for access and decide about it", () => {
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  const tokens = new Map<string, string>();

  before(async () => {
    issuer = await startIssuer();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
approvals:
  payroll-admin: { description: Change <salaries>, maxDuration: 8h, approvers: { anyOf: [{ group: leads }] } }
  emergency: { approvers: { anyOf: [{ group: leads }] }, breakGlass: { for: [{ group: on-call }], maxDuration: 1h } }
  not-hers: { requesters: [{ group: others }], approvers: { anyOf: [{ group: leads }] } }
apis:
  payroll: { hosts: [app.test], path: /payroll, respond: { status: 204 }, access: [{ approval: payroll-admin }] }
  pump: { hosts: [app.test], path: /pump, respond: { status: 204 }, access: [{ approval: emergency }] }
`,
      args: ["--workers", "2"],
    });
    for (const [sub, groups] of Object.entries({ ann: ["staff"], carl: ["leads"], eve: [], olga: ["on-call"] })) {
      tokens.set(sub, await issuer.token({ sub, groups, name: `${sub} <b>bold</b>` }));
    }
  });
  after(async () => {
    await gateway.cleanUp();
    await issuer.close();
  });

  const visit = (who: string | null, path: string, ...fields: readonly string[]): Promise<Reply> => {
    const authorization = who === null ? [] : ["Authorization", `Bearer ${tokens.get(who)}`];
    return send(gateway.port, path, ["Accept", "text/html", ...authorization, ...fields]);
  };
  const tokenIn = ({ text }: Reply): string => /name="token" value="([^"]+)"/.exec(text)?.[1] ?? "";
  const idIn = ({ text }: Reply): string => /name="id" value="([^"]+)"/.exec(text)?.[1] ?? "";
  const post = (
    who: string,
    path: string,
    form: Record<string, string>,
    ...fields: readonly string[]
  ): Promise<Reply> =>
    send(
      gateway.port,
      path,
      [
        "Accept",
        "text/html",
        "Authorization",
        `Bearer ${tokens.get(who)}`,
        "Content-Type",
        "application/x-www-form-urlencoded",
        ...fields,
      ],
      { method: "POST", body: new URLSearchParams(form).toString() },
    );
  const asked = { approval: "payroll-admin", reason: "month <end>", minutes: "30" };

  it("tell nobody in particular to log in, with the way back", async () => {
    const page = await visit(null, `${here}?approval=payroll-admin`);
    assert.equal(page.status, 401);
    assert.match(page.text, /href="\/\.sallyport\/login\?return=%2F\.sallyport%2Faccess%3Fapproval%3Dpayroll-admin"/);
    assert.doesNotMatch(page.text, /<form/);
    const program = await send(gateway.port, here);
    assert.deepEqual([program.status, program.json()["reason"]], [401, "credentials-missing"]);
    const broken = await send(gateway.port, here, ["Authorization", `Bearer ${tokens.get("ann")?.slice(0, -3)}AAA`]);
    assert.deepEqual([broken.status, broken.json()["reason"]], [401, "token-signature-invalid"]);
  });

  it("offer what one may ask for, without a script, escaped, framed by nobody", async () => {
    const page = await visit("ann", `${here}?approval=payroll-admin`);
    assert.equal(page.status, 200);
    assert.match(page.text, /<option value="payroll-admin" selected>payroll-admin: Change &lt;salaries&gt;/);
    assert.doesNotMatch(page.text, /not-hers|<script|<b>bold/);
    const policy = String(page.headers["content-security-policy"]);
    assert.match(policy, /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/);
    assert.equal(page.headers["cache-control"], "no-store");
  });

  it("carry a request from the one who asks to the one who decides, and back", async () => {
    const refused = await send(gateway.port, "/payroll", ["Authorization", `Bearer ${tokens.get("ann")}`]);
    assert.deepEqual([refused.status, refused.json()["requestAccess"]], [403, `${here}?approval=payroll-admin`]);
    const token = tokenIn(await visit("ann", here));
    const sent = await post("ann", here, { ...asked, token });
    assert.deepEqual([sent.status, sent.headers.location], [303, here]);
    assert.match((await visit("ann", here)).text, /<strong>payroll-admin<\/strong> is pending.*\s*.*month &lt;end&gt;/);
    assert.match((await visit("eve", `${here}/decide`)).text, /Nothing waits/);
    const waiting = await visit("carl", `${here}/decide`);
    assert.match(waiting.text, /ann &lt;b&gt;bold.*asks for/s);
    const decided = await post("carl", `${here}/decide`, {
      token: tokenIn(waiting),
      id: idIn(waiting),
      step: "approve",
      comment: "fine",
    });
    assert.deepEqual([decided.status, decided.headers.location], [303, `${here}/decide`]);
    const authorization = ["Authorization", `Bearer ${tokens.get("ann")}`];
    assert.equal((await send(gateway.port, "/payroll", authorization)).status, 204);
    const mine = await visit("ann", here);
    assert.match(mine.text, /is active until .* UTC/);
    const back = await post("ann", `${here}/end`, { token: tokenIn(mine), id: idIn(mine) });
    assert.equal(back.status, 303);
    assert.equal((await send(gateway.port, "/payroll", authorization)).status, 403);
    const { stdout } = await runCli(["audit", "tail", "--last", "50", "--json", "--data", gateway.data]);
    assert.match(stdout, /payroll-admin asked for, 30 min/);
    assert.match(stdout, /approve, now active: fine/);
  });

  it("take an approval in an emergency, for whom it is meant, with a reason and its name written out", async () => {
    const glass = `${here}/break-glass`;
    assert.doesNotMatch((await visit("ann", here)).text, /break-glass/);
    assert.match((await visit("ann", glass)).text, /nothing that you may take/);
    assert.match((await visit("olga", here)).text, /href="\/\.sallyport\/access\/break-glass"/);
    const page = await visit("olga", glass);
    assert.match(page.text, /<option value="emergency">emergency \(at most 60 min\)/);
    assert.doesNotMatch(page.text, /payroll-admin|<script/);
    const token = tokenIn(page);
    const form = { token, approval: "emergency", reason: "the pump <stands>", minutes: "30", confirm: "emergency" };
    const authorization = ["Authorization", `Bearer ${tokens.get("olga")}`];
    const refused: Record<string, [number, Promise<Reply>]> = {
      "without its name": [400, post("olga", glass, { ...form, confirm: "yes" })],
      "with a word as the reason": [400, post("olga", glass, { ...form, reason: "broken" })],
      "for too long": [400, post("olga", glass, { ...form, minutes: "61" })],
      "without a token": [403, post("olga", glass, { ...form, token: "" })],
      "from another site": [403, post("olga", glass, form, "Sec-Fetch-Site", "cross-site")],
      "by somebody else": [403, post("ann", glass, { ...form, token: tokenIn(await visit("ann", here)) })],
      "what has no glass": [403, post("olga", glass, { ...form, approval: "payroll-admin", confirm: "payroll-admin" })],
    };
    for (const [how, [status, sent]] of Object.entries(refused)) assert.equal((await sent).status, status, how);
    assert.match((await refused["for too long"]?.[1])?.text ?? "", /value="the pump &lt;stands&gt;"/);
    assert.equal((await send(gateway.port, "/pump", authorization)).status, 403);
    const broken = await post("olga", glass, form);
    assert.deepEqual([broken.status, broken.headers.location], [303, here]);
    assert.equal((await send(gateway.port, "/pump", authorization)).status, 204);
    assert.match((await visit("olga", here)).text, /<strong>emergency<\/strong> is active/);
    assert.match(gateway.output(), /"level":"error".*the glass was broken.*the pump <stands>/);
    const { stdout } = await runCli(["audit", "tail", "--last", "50", "--json", "--data", gateway.data]);
    assert.match(stdout, /emergency taken in an emergency, 30 min .*the pump <stands>/);
  });

  it("show what is wrong beside what was written", async () => {
    const token = tokenIn(await visit("ann", here));
    const wrong = await post("ann", here, { ...asked, minutes: "100000", token });
    assert.equal(wrong.status, 400);
    assert.match(wrong.text, /role="alert"/);
    assert.match(wrong.text, /value="month &lt;end&gt;"/);
    assert.equal((await post("ann", here, { ...asked, approval: "not-hers", token })).status, 403);
  });

  it("take no form but their own, of the same person, from the same origin", async () => {
    const token = tokenIn(await visit("ann", here));
    const tries: Record<string, Promise<Reply>> = {
      "without a token": post("ann", here, asked),
      "with another's token": post("eve", here, { ...asked, token }),
      "with a made-up token": post("ann", here, { ...asked, token: Buffer.alloc(32, 7).toString("base64url") }),
      "from another origin": post("ann", here, { ...asked, token }, "Origin", "https://evil.example"),
      "from another site": post("ann", here, { ...asked, token }, "Sec-Fetch-Site", "cross-site"),
    };
    for (const [how, sent] of Object.entries(tries)) assert.equal((await sent).status, 403, how);
    const same = await post(
      "ann",
      here,
      { ...asked, token },
      "Origin",
      "http://app.test",
      "Sec-Fetch-Site",
      "same-origin",
    );
    assert.equal(same.status, 303);
    const put = await send(gateway.port, here, ["Authorization", `Bearer ${tokens.get("ann")}`], { method: "PUT" });
    assert.deepEqual([put.status, put.headers.allow], [405, "GET, POST, HEAD"]);
  });

  it("hide requests of others, and nobody decides about their own", async () => {
    const mine = await visit("ann", here);
    const id = idIn(mine);
    const token = tokenIn(await visit("eve", here));
    assert.equal((await post("eve", `${here}/end`, { token, id })).status, 404);
    assert.equal((await post("eve", `${here}/decide`, { token, id, step: "approve" })).status, 404);
    const own = await post("ann", `${here}/decide`, { token: tokenIn(mine), id, step: "approve" });
    assert.equal(own.status, 403);
    assert.equal((await post("ann", `${here}/decide`, { token: tokenIn(mine), id, step: "grant" })).status, 400);
  });
});
