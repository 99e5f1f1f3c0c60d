import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Agent } from "node:https";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

interface Answer {
  readonly status: number;
  readonly id: string;
  readonly body: Record<string, unknown>;
}

/** A team's own authority, made by OpenSSL, and a gateway that trusts it. */
describe("client certificates, whole gateway", needsCommand("openssl"), () => {
  let folder: string;
  let upstream: TestUpstream;
  let gateway: TestGateway;

  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const authority = (name: string): void =>
    openssl("req", "-x509", ...key, "-keyout", `${name}.key`, "-out", `${name}.crt`, "-subj", `/CN=${name}`);
  const client = (name: string, issuer: string, names: string): void => {
    openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    writeFileSync(file(`${name}.ext`), `subjectAltName=${names}\n`);
    const signed = ["-CA", `${issuer}.crt`, "-CAkey", `${issuer}.key`, "-CAcreateserial", "-extfile", `${name}.ext`];
    openssl("x509", "-req", "-in", `${name}.csr`, ...signed, "-out", `${name}.crt`);
  };
  const thumbprintOf = (name: string): string =>
    new X509Certificate(readFileSync(file(`${name}.crt`))).fingerprint.replaceAll(":", "");
  const named = (thumbprint: string): string => `<policies>
  <inbound><base /><validate-client-certificate validate-revocation="false"><identities>
    <identity thumbprint="${thumbprint}" issuer-subject="CN=partners" /><identity dns-name="other.test" />
  </identities></validate-client-certificate></inbound>
  <backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error>
</policies>`;
  const shown = `<policies>
  <inbound><base /><return-response><set-body>@{
    var certificate = context.Request.Certificate;
    if (certificate == null) { return "{}"; }
    var known = context.Deployment.Certificates.Any(c => c.Value.Thumbprint == certificate.Thumbprint);
    return new JObject(new JProperty("subject", certificate.Subject), new JProperty("thumbprint", certificate.Thumbprint),
      new JProperty("verified", certificate.Verify()), new JProperty("known", known)).ToString();
  }</set-body></return-response></inbound>
  <backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error>
</policies>`;
  const agents: Agent[] = [];
  const agentOf = (name?: string): Agent => {
    const agent = new Agent({
      keepAlive: true,
      maxSockets: 1,
      ca: gateway.ca,
      ...(name === undefined
        ? {}
        : { cert: readFileSync(file(`${name}.crt`)), key: readFileSync(file(`${name}.key`)) }),
    });
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
          const id = String(response.headers["x-request-id"]);
          resolve({ status: response.statusCode ?? 0, id, body: JSON.parse(text) as Record<string, unknown> });
        });
      });
      sent.on("error", reject);
      sent.end();
    });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-mtls-"));
    authority("partners");
    authority("strangers");
    client("orders", "partners", "URI:spiffe://example.org/orders,DNS:orders.test,email:orders@example.org");
    client("billing", "partners", "URI:spiffe://example.org/billing");
    client("eve", "strangers", "URI:spiffe://example.org/orders");
    upstream = await startUpstream((incoming, response) => {
      response.end(JSON.stringify({ user: incoming.headers["x-auth-request-user"] ?? "" }));
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge:
  https: internal
  listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }
  clientCertificates: { mode: request, ca: partners.crt }
apis:
  orders:
    path: /orders
    backend: up
    clientCertificate: require
    access: [{ allow: '"spiffe://example.org/orders" in principal.certificate.uris' }]
  open: { path: /open, backend: up, access: public }
  named: { path: /named, backend: up, access: public, policies: named.xml }
  shown: { path: /shown, backend: up, access: public, policies: shown.xml }
  known: { path: /known, backend: up, access: [{ allow: principal.authenticated }] }
backends:
  up: { url: "${upstream.url}" }
certificates:
  billing: { certificate: billing.crt }
`,
      files: {
        "partners.crt": readFileSync(file("partners.crt"), "utf8"),
        "billing.crt": readFileSync(file("billing.crt"), "utf8"),
        "shown.xml": shown,
        "named.xml": named(thumbprintOf("billing")),
      },
      args: ["--workers", "2"],
    });
  });
  after(async () => {
    for (const agent of agents) agent.destroy();
    await gateway?.cleanUp();
    await upstream?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("a certificate is an identity: for access rules, for the upstream, and in the record", async () => {
    const { status, id, body } = await ask("/orders", agentOf("orders"));
    assert.deepEqual([status, body["user"]], [200, "spiffe://example.org/orders"]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const json = await runCli(["explain", id, "--data", gateway.data, "--json"]);
    const record = JSON.parse(json.stdout) as { principal: object; tls: { certificate: { names: string[] } } };
    assert.deepEqual(record.principal, {
      kind: "service",
      id: "spiffe://example.org||spiffe://example.org/orders",
      issuer: "spiffe://example.org",
      subject: "spiffe://example.org/orders",
      authMethod: "client-certificate",
    });
    assert.deepEqual(record.tls.certificate.names, [
      "uri:spiffe://example.org/orders",
      "dns:orders.test",
      "email:orders@example.org",
    ]);
    const text = await runCli(["explain", id, "--data", gateway.data]);
    assert.match(text.stdout, /who +service spiffe:\/\/example\.org/);
    assert.match(text.stdout, /cert +CN=orders, uri:spiffe:\/\/example\.org\/orders/);
  });

  it("an expression of C# sees the one that was verified, and compares it with those of the definition", async () => {
    const { body } = await ask("/shown", agentOf("billing"));
    const facts = { subject: "CN=billing", thumbprint: thumbprintOf("billing"), verified: true };
    assert.deepEqual(body, { ...facts, known: true });
    assert.equal((await ask("/shown", agentOf("orders"))).body["known"], false);
    for (const nobody of [agentOf("eve"), agentOf()]) assert.deepEqual((await ask("/shown", nobody)).body, {});
  });

  it("another workload is known and may not; a stranger's certificate is not believed; nobody is asked for one", async () => {
    const billing = await ask("/orders", agentOf("billing"));
    assert.deepEqual([billing.status, billing.body["reason"]], [403, "access-denied"]);
    const eve = await ask("/orders", agentOf("eve"));
    assert.deepEqual([eve.status, eve.body["reason"]], [403, "certificate-not-trusted"]);
    const known = await ask("/known", agentOf("eve"));
    assert.deepEqual([known.status, known.body["reason"]], [403, "certificate-not-trusted"]);
  });

  it("a policy takes the certificates that it names, by thumbprint and issuer", async () => {
    assert.equal((await ask("/named", agentOf("billing"))).status, 200);
    const orders = await ask("/named", agentOf("orders"));
    assert.deepEqual([orders.status, orders.body["reason"]], [403, "certificate-not-allowed"]);
    assert.equal((await ask("/named", agentOf("eve"))).body["reason"], "certificate-not-trusted");
    assert.equal((await ask("/named", agentOf())).body["reason"], "certificate-required");
  });

  it("a connection that was opened for another API is no way around", async () => {
    const agent = agentOf();
    assert.equal((await ask("/open", agent)).status, 200);
    const again = await ask("/orders", agent);
    assert.deepEqual([again.status, again.body["reason"]], [403, "certificate-required"]);
    assert.equal((await ask("/open", agent)).status, 200, "on the same connection");
  });
});
