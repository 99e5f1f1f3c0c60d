import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { join } from "node:path";
import { hashDefinition } from "#compile/canonical.ts";
import { loadDefinition, type LoadOptions } from "#config/load.ts";
import { type Rendered, renderDefinition } from "./render.ts";

const at = "/gateway/sallyport.yaml";

function options(files: Readonly<Record<string, string>>, more: Partial<LoadOptions> = {}): LoadOptions {
  const read: LoadOptions["readFile"] = (path) => {
    const text = files[path.replace(/^\/gateway\//, "")];
    if (text === undefined) return Promise.reject(Object.assign(new Error("none"), { code: "ENOENT" }));
    return Promise.resolve(new TextEncoder().encode(text));
  };
  return { file: at, variables: {}, now: Date.parse("2026-06-01T00:00:00Z"), readFile: read, ...more };
}

async function rendered(files: Readonly<Record<string, string>>, more: Partial<LoadOptions> = {}): Promise<Rendered> {
  const result = await renderDefinition(options(files, more), at);
  assert.equal(result.kind, "rendered", JSON.stringify(result));
  return (result as Extract<typeof result, { readonly kind: "rendered" }>).rendered;
}

const text = `version: 1 # the format
edge: { listen: { https: "127.0.0.1:{{port}}", http: "{{plain}}" }, limits: { connections: "{{port}}" } }
apis:
  # of the shop
  orders:
    path: /orders
    hosts: ["{{host}}"]
    backend: orders
    access: &rules
    - allow: '"{{not-a-value" in principal.groups'
    policies: ./orders.xml
  other:
    path: /other
    backend: orders
    access: *rules
    policies:
      inbound:
      - base
      - set-header: { name: X-Number, values: ["{{port}}", "a-{{port}}-\${request.id}", "{{token}}", "{{odd}}"] }
      - rate-limit-by-key: { calls: "{{port}}", period: "{{period}}", key: "\${request.clientAddress}" }
backends:
  orders: { url: "{{url}}", headers: { X-Key: "{{token}}", X-Text: "a {{host}}" } }
environments:
  base: { values: { port: 8443, plain: "127.0.0.1:8080", period: 60s, odd: "a\${b}" } }
  dev: { extends: base, values: { url: "http://127.0.0.1:1", host: a.example, token: { env: DEV_TOKEN }, in-xml: one } }
  prod:
    extends: base
    values: { port: 443, url: "http://127.0.0.1:1", host: "true.example", token: { file: ./token }, in-xml: two }
    backends: { orders: { urls: ["https://one.example", "https://two.example"] } }
    exceptions:
      slow:
        { api: other, section: inbound, policy: rate-limit-by-key, argument: period, value: 90s, reason: r, approvedBy: a, until: 2027-01-01 }
`;
const xml = `<policies><inbound><base /><set-header name="X-In" exists-action="override"><value>{{in-xml}}</value></set-header></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`;
const files = { "sallyport.yaml": text, "orders.xml": xml };

describe("a rendered definition", () => {
  it("says of one environment what the definition says, and loads as itself", async () => {
    for (const environment of ["dev", "prod"]) {
      const made = await rendered(files, { environment });
      const before = await loadDefinition({ ...options(files, { environment }), withoutSecrets: true });
      assert.equal(made.hash, hashDefinition(before.definition as NonNullable<typeof before.definition>));
      for (const one of [made.yaml, made.json]) {
        const again = await rendered({ ...files, "sallyport.yaml": one });
        assert.deepEqual([again.hash, again.environment], [made.hash, environment]);
        assert.equal(again.yaml === one || again.json === one, true, "rendering it again changes nothing");
      }
    }
  });

  it("has the values in it, where they were filled in, with the type that is due there", async () => {
    const { yaml, json } = await rendered(files, { environment: "prod" });
    const made = JSON.parse(json) as Record<string, never>;
    assert.partialDeepStrictEqual(made, {
      edge: { listen: { https: "127.0.0.1:443", http: "127.0.0.1:8080" }, limits: { connections: 443 } },
      apis: { orders: { hosts: ["true.example"] } },
      backends: {
        orders: { urls: ["https://one.example", "https://two.example"], headers: { "X-Text": "a true.example" } },
      },
    });
    assert.deepEqual(made["environments"], {
      prod: {
        production: true,
        values: { period: "60s", odd: "a${b}", token: { file: "./token" }, "in-xml": "two" },
        exceptions: {
          slow: {
            api: "other",
            section: "inbound",
            policy: "rate-limit-by-key",
            argument: "period",
            value: "90s",
            reason: "r",
            approvedBy: "a",
            until: "2027-01-01",
          },
        },
      },
    });
    assert.match(yaml, /version: 1 # the format\n/);
    assert.match(yaml, /values: \[ ?"443", "?a-443-\$\{request\.id\}"?, "\{\{token\}\}", "\{\{odd\}\}" ?\]/);
    assert.match(yaml, /calls: 443, period: "\{\{period\}\}"/, "what the exception replaces is as it is written");
  });

  it("has where secrets are read from, and never reads them", async () => {
    const { yaml, json } = await rendered(files, { environment: "dev", variables: { DEV_TOKEN: "s3cret" } });
    assert.doesNotMatch(yaml + json, /s3cret/);
    assert.match(yaml, /token: *\n? *\{? ?env: DEV_TOKEN/);
  });

  it("has what was set for this once", async () => {
    const { json } = await rendered(files, { environment: "dev", values: { port: "9443", "in-xml": "three" } });
    const made = JSON.parse(json) as { edge: { limits: object }; environments: { dev: { values: object } } };
    assert.deepEqual(made.edge.limits, { connections: 9443 });
    assert.partialDeepStrictEqual(made.environments.dev.values, { "in-xml": "three" });
  });

  it("is not given where it would say something else: at a place where its files are not", async () => {
    const result = await renderDefinition(options(files, { environment: "dev" }), "/elsewhere/sallyport.yaml");
    assert.equal(result.kind, "differs");
    assert.equal(result.diagnostics[0]?.code, "file-unreadable");
    const { kind } = await renderDefinition(options(files), at);
    assert.equal(kind, "invalid");
  });

  it("of the quick start is the quick start", async () => {
    const file = join(import.meta.dirname, "..", "..", "..", "demo", "sallyport.yaml");
    const result = await renderDefinition({ file, variables: {}, readFile }, file);
    assert.equal(result.kind, "rendered", JSON.stringify(result.diagnostics));
  });
});
