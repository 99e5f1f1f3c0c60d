import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Definition } from "#model/definition.ts";
import { codes, loadText, type LoadTestOptions } from "#config/fixture.test-helper.ts";

const definition = `version: 1
edge: { listen: { https: ":8443", http: ":8080" } }
apis:
  orders:
    path: /orders
    hosts: [orders.example]
    backend: orders
    access: public
    policies:
      inbound:
      - base
      - rate-limit-by-key: { calls: 100, period: 60s, key: "\${request.clientAddress}" }
backends:
  orders:
    urls: ["https://10.0.0.1:9001", "https://10.0.0.2:9001"]
    tls: { serverName: a.example, minVersion: "1.3" }
    headers: { X-From: gateway }
environments:
`;

function load(environments: string, name: string, options: LoadTestOptions = {}): ReturnType<typeof loadText> {
  return loadText(`${definition}${environments}`, { environment: name, ...options });
}

async function loaded(environments: string, name: string, options: LoadTestOptions = {}): Promise<Definition> {
  const result = await load(environments, name, options);
  assert.deepEqual(codes(result), []);
  return result.definition as Definition;
}

const line = `
  base:
    backends: { orders: { url: "https://base.example", tls: { serverName: base.example } } }
    edge: { listen: { http: ":8081" } }
  staging:
    extends: base
    hosts: { orders: [staging.example] }
  prod:
    extends: staging
    hosts: { orders: [prod.example, www.prod.example] }
    backends: { orders: { headers: { X-Token: { env: TOKEN } } } }
    edge: { listen: { https: ":443" } }
`;

describe("environments", () => {
  it("have hosts, backends and listeners of their own, and what those that they extend have", async () => {
    const prod = await loaded(line, "prod", { variables: { TOKEN: "s3cret" } });
    const [backend] = prod.backends;
    assert.deepEqual(prod.apis[0]?.hosts, ["prod.example", "www.prod.example"]);
    assert.deepEqual(
      backend?.targets.map(({ url }) => url),
      ["https://base.example"],
    );
    assert.deepEqual([backend?.tls?.serverName, backend?.tls?.minVersion], ["base.example", "TLSv1.3"]);
    assert.deepEqual(
      backend?.credentials?.headers.map(({ name }) => name),
      ["X-From", "X-Token"],
    );
    assert.deepEqual(
      prod.edge.https.map((place) => "port" in place && place.port),
      [443],
    );
    assert.deepEqual(
      prod.edge.http.map((place) => "port" in place && place.port),
      [8081],
    );
    const staging = await loaded(line, "staging");
    assert.deepEqual([staging.apis[0]?.hosts, staging.production, prod.production], [["staging.example"], false, true]);
    const base = await loaded(line, "base");
    assert.deepEqual(base.apis[0]?.hosts, ["orders.example"]);
  });

  it("have the values of those that they extend, and their own before them", async () => {
    const text = `version: 1
apis: { a: { path: "{{path}}", backend: b, access: public } }
backends: { b: { url: "{{url}}" } }
environments:
  base: { values: { path: /base } }
  dev: { extends: base, values: { url: "http://dev.example" } }
  prod: { extends: base, values: { url: "http://prod.example", path: /prod } }
  prod-eu: { extends: prod, values: { url: "http://eu.example" } }
`;
    const of = async (environment: string): Promise<readonly unknown[]> => {
      const result = await loadText(text, { environment });
      assert.deepEqual(codes(result), []);
      const { apis, backends, production } = result.definition as Definition;
      return [apis[0]?.path, backends[0]?.targets[0]?.url, production];
    };
    assert.deepEqual(await of("dev"), ["/base", "http://dev.example", false]);
    assert.deepEqual(
      await of("prod-eu"),
      ["/prod", "http://eu.example", true],
      "what extends production is production",
    );
  });

  it("that extend nothing, or each other, are errors at the place", async () => {
    assert.deepEqual(codes(await load("  dev: { extends: bse }\n  base: {}\n", "dev")), ["environment-unknown 19:19"]);
    const round = await load("  a: { extends: b }\n  b: { extends: c }\n  c: { extends: b }\n", "a");
    assert.deepEqual(codes(round), ["environment-circle 20:17", "environment-circle 21:17"]);
    assert.match(round.diagnostics[0]?.message ?? "", /b extends c extends b/);
  });

  it("have no policies, access rules or anything else of their own", async () => {
    const refused = {
      "dev: { policies: { inbound: [] } }": "environment-policy",
      "dev: { apis: { orders: { access: public } } }": "environment-policy",
      "dev: { products: {} }": "environment-policy",
      "dev: { fragments: {} }": "environment-policy",
      "dev: { backends: { orders: { policies: {} } } }": "environment-policy",
      "dev: { backends: { orders: { retries: { attempts: 3 } } } }": "environment-fixed",
      "dev: { edge: { clientCertificates: {} } }": "environment-policy",
      "dev: { edge: { limits: {} } }": "environment-fixed",
      'dev: { edge: { listen: { https: [{ address: ":1", clientCertificates: { mode: none } }] } } }':
        "environment-policy",
      "dev: { edge: { listen: { proxyProtocol: https } } }": "environment-policy",
      "dev: { backends: { orders: { adress: x } } }": "key-unknown",
      "dev: { audit: {} }": "key-unknown",
      "dev: { hosts: { ordrs: [a.example] } }": "reference-unknown",
      "dev: { backends: { ordrs: { url: http://a.example } } }": "reference-unknown",
      "dev: { hosts: { orders: } }": "type-wrong",
      "dev: { hosts: { orders: [not a host] } }": "value-invalid",
      "dev: { backends: { orders: { url: } } }": "type-wrong",
      "dev: { backends: { orders: { url: http://a, urls: [http://b] } } }": "value-invalid",
    };
    for (const [text, code] of Object.entries(refused)) {
      const result = await load(`  ${text}\n`, "dev");
      assert.equal(result.definition, null, text);
      const first = result.diagnostics.find(({ severity }) => severity === "error");
      assert.deepEqual([first?.code, first?.at.line], [code, 19], `${text}: ${first?.message}`);
    }
  });

  it("are read after each other without leaving anything behind", async () => {
    const one = await loaded(line, "prod", { variables: { TOKEN: "t" } });
    await loaded(line, "base");
    const again = await loaded(line, "prod", { variables: { TOKEN: "t" } });
    assert.deepEqual(again, one);
  });
});

const excepted = (more: string, place = "api: orders, section: inbound"): string =>
  `  dev: {}
  load:
    exceptions:
      load-tests: { ${place}, policy: rate-limit-by-key, argument: calls, value: 100000, reason: load tests, approvedBy: ann@example.com, until: 2026-12-31${more} }
`;

describe("exceptions", () => {
  const now = Date.parse("2026-12-01T00:00:00Z");
  const calls = ({ apis }: Definition): unknown => apis[0]?.policies.inbound?.[1]?.args["calls"];

  it("replace one argument in one environment, and are part of what it runs", async () => {
    const made = await loaded(excepted(""), "load", { now });
    assert.deepEqual(calls(made), { kind: "literal", value: 100_000 });
    const [exception] = made.exceptions ?? [];
    assert.deepEqual(
      { ...exception, at: exception?.at.line },
      {
        name: "load-tests",
        place: "apis.orders.policies.inbound rate-limit-by-key.calls",
        instead: "100",
        value: "100000",
        reason: "load tests",
        approvedBy: "ann@example.com",
        until: "2026-12-31",
        at: 22,
      },
    );
    const dev = await loaded(excepted(""), "dev", { now });
    assert.deepEqual([calls(dev), dev.exceptions], [{ kind: "literal", value: 100 }, undefined]);
    const heir = await loaded(`${excepted("")}  heir: { extends: load }\n`, "heir", { now });
    assert.deepEqual(calls(heir), { kind: "literal", value: 100 }, "each was approved for one environment");
  });

  it("end: with a warning before, and then nothing loads that has them", async () => {
    const at = async (day: string, environment: string): Promise<readonly [boolean, readonly string[]]> => {
      const result = await load(excepted(""), environment, { now: Date.parse(day) });
      return [result.definition !== null, codes(result).map((one) => one.split(" ")[0] as string)];
    };
    assert.deepEqual(await at("2026-12-17T23:59:59Z", "load"), [true, []]);
    assert.deepEqual(await at("2026-12-18T00:00:00Z", "load"), [true, ["exception-ending"]]);
    assert.deepEqual(await at("2026-12-31T23:59:59Z", "load"), [true, ["exception-ending"]]);
    assert.deepEqual(await at("2027-01-01T00:00:00Z", "load"), [false, ["exception-expired"]]);
    assert.deepEqual(await at("2027-01-01T00:00:00Z", "dev"), [true, ["exception-expired"]]);
  });

  it("name an argument that is there once, and never policies", async () => {
    const two = definition.replace(
      "      - base\n",
      "      - base\n      - { id: one, rate-limit-by-key: { calls: 1, period: 1s, key: a } }\n",
    );
    const code = async (text: string, whole = definition): Promise<string | undefined> => {
      const { diagnostics } = await loadText(`${whole}${text}`, { environment: "load", now });
      return diagnostics.find(({ severity }) => severity === "error")?.code;
    };
    const of = (from: string, to: string, place?: string): string => excepted("", place).replace(from, to);
    assert.equal(await code(of("", "")), undefined);
    assert.equal(await code(of("", ""), two), "exception-place");
    assert.equal(await code(excepted(", id: one"), two), undefined);
    assert.equal(await code(excepted(", id: two"), two), "exception-place");
    assert.equal(await code(excepted("", "api: ordrs, section: inbound")), "exception-place");
    assert.equal(await code(excepted("", "section: inbound")), "exception-place");
    assert.equal(await code(excepted("", "api: orders, product: x, section: inbound")), "exception-place");
    assert.equal(await code(excepted("", "api: orders")), "key-missing");
    assert.equal(await code(of("argument: calls", "argument: callls")), "exception-place");
    assert.equal(await code(of("100000", "many")), "value-invalid");
    assert.equal(await code(of("100000", '"{{x}}"')), "value-in-policy");
    assert.equal(await code(of("2026-12-31", "2026-02-30")), "value-invalid");
    assert.equal(await code(of("reason: load tests, ", "")), "key-missing");
    const choose = "rate-limit-by-key, argument: calls, value: 100000";
    assert.equal(await code(of(choose, "choose, argument: when, value: []")), "exception-place");
  });
});

/** Places that decide who may call or which policies run, with a value in them. */
const places: readonly string[] = [
  'apis: { a: { path: /, backend: b, access: "{{x}}" } }',
  `apis: { a: { path: /, backend: b, access: [{ allow: '"{{x}}" in principal.groups' }] } }`,
  'apis: { a: { path: /, backend: b, access: [{ approval: "{{x}}" }] } }',
  'apis: { a: { path: /, backend: b, access: [{ "{{x}}": "true" }] } }',
  'apis: { a: { path: /, backend: b, access: public, clientCertificate: "{{x}}" } }',
  'apis: { a: { path: /, backend: b, access: public, operations: { o: { method: GET, path: /o, access: "{{x}}" } } } }',
  'apis: { a: { path: /, backend: b, access: public, policies: "{{x}}" } }',
  'apis: { a: { path: /, backend: b, access: public, policies: { "{{x}}": [] } } }',
  'apis: { a: { path: /, backend: b, access: public, policies: { inbound: "{{x}}" } } }',
  'apis: { a: { path: /, backend: b, access: public, policies: { inbound: ["{{x}}"] } } }',
  'apis: { a: { path: /, backend: b, access: public, policies: { inbound: ["{{x}}": {}] } } }',
  'apis: { a: { path: /, backend: b, access: public, policies: { inbound: [base, set-header: "{{x}}"] } } }',
  'apis: { a: { path: /, backend: b, access: public, policies: { inbound: [include-fragment: "{{x}}"] } } }\nfragments: { base: [set-method: GET] }',
  `apis: { a: { path: /, backend: b, access: public, policies: { inbound: [choose: { when: [{ condition: "{{x}}", policies: [] }] }] } } }`,
  `apis: { a: { path: /, backend: b, access: public, policies: { inbound: [choose: { when: "{{x}}" }] } } }`,
  `apis: { a: { path: /, backend: b, access: public, policies: { inbound: [choose: { when: [{ condition: "true", policies: "{{x}}" }] }] } } }`,
  `apis: { a: { path: /, backend: b, access: public, policies: { inbound: [set-variable: { name: n, value: "\${{{x}}}" }] } } }`,
  'apis: { a: { path: /, backend: b } }\nproducts: { p: { apis: [a], subscription: "{{x}}" } }',
  'apis: { a: { path: /, backend: b, access: public, login: "{{x}}" } }',
  'apis: { a: { path: /, backend: b, access: public, forwardAuth: "{{x}}" } }',
  'edge: { clientCertificates: { mode: "{{x}}", internalCa: true } }',
  'edge: { listen: { https: [{ address: ":1", clientCertificates: { mode: "{{x}}", internalCa: true } }] } }',
  "apis: { a: { path: /, backend: b, access: public, policies: ./a.xml } }\nfragments: { base: [set-method: GET] }",
  'apis: { a: { path: /, backend: b } }\nproducts: { p: { apis: ["{{x}}"] } }',
  'apis: { a: { path: /, backend: b } }\nproducts: { p: { apis: [a], members: ["{{x}}"] } }',
  'apis: { a: { path: /, backend: b } }\nproducts: { p: { apis: [a], members: [{ group: "{{x}}" }] } }',
  'apis: { a: { path: /, backend: b } }\nproducts: { p: { apis: [a], approvalRequired: "{{x}}" } }',
  'apis: { a: { path: /, backend: b, access: public } }\nsubscriptions: { s: { all: "{{x}}", key: { env: K } } }',
  'apis: { a: { path: /, backend: b, access: public } }\nsubscriptions: { s: { api: "{{x}}", key: { env: K } } }',
];

const xml = `<policies><inbound><base /><include-fragment fragment-id="{{x}}" /></inbound></policies>`;

describe("a value", () => {
  it("never decides who may call or which policies run", async () => {
    for (const place of places) {
      for (const value of ["base", "public", "true", "a", "open", "inbound", "group", "allow", "require"]) {
        const text = `version: 1\n${place}\nbackends: { b: { url: http://127.0.0.1:1 } }\nenvironments: { dev: { values: { x: ${value} } } }\n`;
        const { definition: made } = await loadText(text, {
          variables: { K: "0123456789abcdef" },
          files: { "a.xml": xml },
        });
        assert.equal(made, null, `${place} with ${value}`);
      }
    }
  });

  it("never decides which document an API is of: that has its operations", async () => {
    for (const key of ["openapi", "graphql", "wsdl"]) {
      const text = `version: 1\napis: { a: { path: /, backend: b, access: public, ${key}: "{{x}}" } }\nbackends: { b: { url: http://127.0.0.1:1 } }\nenvironments: { dev: { values: { x: a } } }\n`;
      const { diagnostics } = await loadText(text, {});
      assert.ok(
        diagnostics.some(({ code }) => code === "value-in-policy"),
        key,
      );
    }
  });

  it("is a scalar", async () => {
    for (const value of ["[a]", "{ a: b }", "null", "{ env: [a] }"]) {
      const { definition: made } = await load(`  dev: { values: { x: ${value} } }\n`, "dev");
      assert.equal(made, null, value);
    }
  });
});
