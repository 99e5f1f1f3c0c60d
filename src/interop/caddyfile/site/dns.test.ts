import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ImportedCaddyfile, importCaddyfile } from "#interop/caddyfile/import-caddyfile.ts";

function read(source: string): ImportedCaddyfile {
  const files = { read: () => undefined, glob: () => [] };
  return importCaddyfile(source, { file: "Caddyfile", variables: {}, files });
}

const inSite = (options: string): ImportedCaddyfile => read(`*.example.com {\n tls {\n${options}\n }\n respond x\n}\n`);

function dnsOf({ definition, report }: ImportedCaddyfile): unknown {
  assert.ok(report.isWhole, JSON.stringify(report.problems));
  return (definition as { edge: { acme?: { dns?: unknown } } }).edge.acme?.dns;
}

const needsOf = ({ report }: ImportedCaddyfile): readonly string[] =>
  report.problems.filter(({ code }) => code === "needs-value").map(({ message }) => message);

describe("tls with a DNS provider", () => {
  it("reads a secret from where the Caddyfile does, and copies none", () => {
    for (const [options, dns] of [
      ["dns cloudflare {env.CF_API_TOKEN}", { cloudflare: { token: { env: "CF_API_TOKEN" } } }],
      ["dns cloudflare {\n api_token {file./run/cf}\n}", { cloudflare: { token: { file: "/run/cf" } } }],
      ["dns cloudflare a-plain-token-0123456789", { cloudflare: { token: { env: "CLOUDFLARE_TOKEN" } } }],
      [
        "dns route53 {\n access_key_id {env.KEY_ID}\n secret_access_key abcdef\n hosted_zone_id Z1\n region eu-west-1\n}",
        {
          route53: {
            accessKeyId: { env: "KEY_ID" },
            secretAccessKey: { env: "AWS_SECRET_ACCESS_KEY" },
            hostedZone: "Z1",
          },
        },
      ],
      [
        "dns rfc2136 {\n server 192.0.2.1:53\n key_name acme.\n key_alg hmac-sha512.\n key {env.TSIG}\n}",
        {
          rfc2136: {
            server: "192.0.2.1:53",
            tsig: { name: "acme", secret: { env: "TSIG" }, algorithm: "hmac-sha512" },
          },
        },
      ],
    ] as const) {
      const imported = inSite(options);
      assert.deepEqual(dnsOf(imported), dns);
      assert.doesNotMatch(JSON.stringify([imported.definition, imported.report.problems]), /a-plain-token|abcdef/);
    }
    assert.deepEqual(needsOf(inSite("dns cloudflare {env.CF}")), ["of cloudflare: the variable CF"]);
  });

  it("asks for what is not written, and for a command where the provider is not built in", () => {
    const azure = inSite("dns azure {\n tenant_id t\n client_id c\n client_secret {env.S}\n subscription_id s\n}");
    const { azure: settings } = dnsOf(azure) as { azure: Readonly<Record<string, unknown>> };
    assert.deepEqual([settings["tenant"], settings["zone"]], ["t", "{{azure-zone}}"]);
    assert.deepEqual(needsOf(azure), [
      "of azure: the variable S, the value azure-resource-group, the value azure-zone",
    ]);
    assert.deepEqual(dnsOf(inSite("dns hetzner {env.H}")), { command: ["/etc/sallyport/dns-hook", "hetzner"] });
    const global = read("{\n acme_dns cloudflare {env.CF}\n}\na.example {\n tls {\n  resolvers 192.0.2.1\n }\n}\n");
    assert.deepEqual(dnsOf(global), { cloudflare: { token: { env: "CF" } }, resolvers: ["192.0.2.1"] });
  });

  it("does not take two providers, nor a weak key", () => {
    for (const options of [
      "dns cloudflare {env.A}\ndns route53",
      "dns rfc2136 {\n server 192.0.2.1\n key_name k\n key_alg hmac-md5\n key {env.K}\n}",
    ]) {
      const { report } = inSite(options);
      assert.deepEqual(
        report.problems.filter(({ kind }) => kind === "loss").map(({ code }) => code),
        ["value-unsupported"],
      );
    }
  });
});
