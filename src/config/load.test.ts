import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { firstPort } from "#model/listen-place.ts";
import { formatDiagnostics } from "./format.ts";
import { codes, loadText, type LoadTestOptions } from "./fixture.test-helper.ts";

const api = "apis: { a: { path: /a, access: public } }";

/** The problems of a definition that is otherwise sound. */
async function problemsOf(text: string, options?: LoadTestOptions): Promise<readonly string[]> {
  const { diagnostics } = await loadText(`version: 1\n${text}\n`, options);
  return diagnostics.map(({ code }) => code);
}

describe("a definition that is right", () => {
  it("loads with defaults", async () => {
    const { definition, diagnostics } = await loadText(`version: 1\n${api}\n`);
    assert.deepEqual(diagnostics, []);
    assert.equal(definition?.environment, "default");
    assert.deepEqual(definition.edge.https, [{ host: "::", port: 8443 }]);
    assert.equal(definition.edge.limits.headerBytes, 16_384);
    const [operation] = definition.apis[0]?.operations ?? [];
    assert.deepEqual([operation?.name, operation?.method, operation?.template], ["all", "*", "/{*rest}"]);
    assert.deepEqual(definition.files, ["/gateway/sallyport.yaml"]);
  });

  it("loads the quick start", async () => {
    const demo = join(import.meta.dirname, "..", "..", "demo");
    const text = readFileSync(join(demo, "sallyport.yaml"), "utf8");
    const openapi = readFileSync(join(demo, "orders.openapi.yaml"), "utf8");
    const secrets = {
      "/.sallyport/demo/orders.key": "sp_0123456789abcdef\n",
      "/.sallyport/demo/login.secret": "of the client\n",
    };
    const files = { "orders.openapi.yaml": openapi, ...secrets };
    const { definition, diagnostics } = await loadText(text, { files });
    assert.deepEqual(diagnostics, []);
    const orders = definition?.apis[0];
    assert.deepEqual(
      orders?.operations.map(({ name }) => name),
      ["listOrders", "createOrder", "getOrder", "deleteOrder"],
    );
    assert.equal(orders?.operations[3]?.access.kind, "rules");
    assert.deepEqual(orders?.operations[0]?.examples[0], {
      status: 200,
      contentType: "application/json",
      body: '[{"id":1,"item":"lantern","quantity":2}]',
    });
    assert.equal(definition?.subscriptions[0]?.primaryKey.reveal(), "sp_0123456789abcdef");
    assert.equal(firstPort(definition?.edge.https ?? []), 8443);
  });

  it("loads the example of the design", async () => {
    const { definition, diagnostics } = await loadText(
      `version: 1
edge: { https: internal, trustedProxies: [] }
identity:
  providers:
    corp: { issuer: "https://login.microsoftonline.com/{{tenant}}/v2.0", clientId: "{{client-id}}", clientSecret: { env: CORP_SECRET } }
apis:
  orders:
    hosts: [API.example.com]
    path: /orders
    backend: orders
    access: [ { allow: '"engineering" in principal.groups' } ]
    policies:
      inbound:
        - validate-jwt: { provider: corp, audience: api://orders }
        - rate-limit-by-key: { calls: 100, period: 60s, key: '\${principal.id}' }
backends:    { orders: { url: "http://127.0.0.1:9001", health: { path: /healthz } } }
products:    { starter: { apis: [orders], subscription: key, policies: { inbound: [ { quota: { calls: 10000, period: 7d } } ] } } }
environments:
  dev:  { values: { tenant: 9999-8888, client-id: dev-client } }
  prod: { values: { tenant: 1111-2222, client-id: prod-client } }
`,
      { environment: "dev", variables: { CORP_SECRET: "x" } },
    );
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(definition?.apis[0]?.hosts, ["api.example.com"]);
    const [, limit] = definition.apis[0].policies.inbound ?? [];
    assert.deepEqual(limit?.args["period"], { kind: "literal", value: 60_000 });
    assert.equal(limit.args["key"]?.kind, "expression");
    assert.equal(definition.products[0]?.policies.inbound?.[0]?.args["calls"]?.kind, "literal");
  });

  it("gives a provider the audiences of the policies that name it", async () => {
    const { definition, diagnostics } = await loadText(`version: 1
identity: { providers: { corp: { issuer: "https://id.test", clientId: me } } }
apis:
  a: { path: /a, access: public, policies: { inbound: [{ validate-jwt: { provider: corp, audience: [x, me] } }] } }
`);
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(definition?.providers[0]?.audiences, ["me", "x"]);
  });
});

describe("environments and values", () => {
  const two = `${api}\negress: { allow: ["{{to}}"] }\nenvironments: { dev: { values: { to: "https://a.test" } }, prod: { values: { to: "https://b.test" } } }`;

  it("fills values of the chosen environment", async () => {
    const { definition } = await loadText(`version: 1\n${two}`, { environment: "prod" });
    assert.deepEqual(definition?.egress.allow, ["https://b.test"]);
    assert.equal(definition?.production, true);
  });
  it("lets a single value be set", async () => {
    const { definition } = await loadText(`version: 1\n${two}`, {
      environment: "dev",
      values: { to: "https://c.test" },
    });
    assert.deepEqual(definition?.egress.allow, ["https://c.test"]);
  });
  it("must be chosen among several", async () => assert.deepEqual(await problemsOf(two), ["environment-unchosen"]));
  it("names those there are", async () =>
    assert.deepEqual(await problemsOf(two, { environment: "prd" }), ["environment-unknown"]));
  it("cannot be chosen when there are none", async () =>
    assert.deepEqual(await problemsOf(api, { environment: "dev" }), ["environment-unknown"]));
  it("takes the type of a whole value, the text of a part", async () => {
    const text = `version: 1\n${api}\nedge: { limits: { connections: "{{n}}" }, listen: { http: "127.0.0.1:{{n}}" } }\nenvironments: { dev: { values: { n: 8080 } } }`;
    const { definition } = await loadText(text);
    assert.equal(definition?.edge.limits.connections, 8080);
    assert.equal(firstPort(definition?.edge.http ?? []), 8080);
  });
  it("compares environments: an error for the chosen one only", async () => {
    const text = `${api}\nenvironments: { a: { values: { x: 1 } }, b: {} }\negress: { allow: ["https://{{x}}.test"] }`;
    assert.deepEqual(await problemsOf(text, { environment: "a" }), ["value-missing"]);
    const { definition } = await loadText(`version: 1\n${text}`, { environment: "a" });
    assert.notEqual(definition, null);
    assert.deepEqual(await problemsOf(text, { environment: "b" }), ["value-missing", "value-unknown"]);
  });
  it("warns of unused values", async () =>
    assert.deepEqual(await problemsOf(`${api}\nenvironments: { dev: { values: { x: 1 } } }`), ["value-unused"]));

  for (const [where, text] of [
    ["a condition", `apis: { a: { path: /a, access: [{ allow: 'request.method == "{{x}}"' }] } }`],
    [
      "an expression",
      `apis: { a: { path: /a, access: public, policies: { inbound: [{ set-variable: { name: v, value: "\${'{{x}}'}" } }] } } }`,
    ],
  ] as const) {
    it(`are refused in ${where}`, async () =>
      assert.ok(
        (await problemsOf(`${text}\nenvironments: { dev: { values: { x: 1 } } }`)).includes("value-in-expression"),
      ));
  }

  it("never become expressions", async () => {
    const text = `version: 1\napis: { a: { path: /a, access: public, policies: { inbound: [{ set-body: "{{x}}" }] } } }\nenvironments: { dev: { values: { x: "\${request.path}" } } }`;
    const { definition } = await loadText(text);
    assert.deepEqual(definition?.apis[0]?.policies.inbound?.[0]?.args["body"], {
      kind: "literal",
      value: "${request.path}",
    });
  });
});

/** A value that is a secret, and something that uses it. */
function withSecret(use: string): string {
  return `${use}\nenvironments: { dev: { values: { s: { env: KEY } } } }`;
}

describe("secrets", () => {
  const variables = { KEY: "hunter2-hunter2-hunter2" };

  it("fill arguments of policies and are marked there", async () => {
    const text = `version: 1\n${withSecret('apis: { a: { path: /a, access: public, policies: { inbound: [{ set-header: { name: x, values: ["Bearer {{s}}"] } }] } } }')}`;
    const { definition } = await loadText(text, { variables });
    assert.deepEqual(definition?.apis[0]?.policies.inbound?.[0]?.args["values"], {
      kind: "list",
      items: [{ kind: "literal", value: "Bearer hunter2-hunter2-hunter2", secret: true }],
    });
  });
  it("are refused in plain settings", async () =>
    assert.deepEqual(await problemsOf(withSecret('apis: { a: { path: "/{{s}}", access: public } }'), { variables }), [
      "secret-misplaced",
    ]));
  it("name the variable that is missing", async () => {
    const { diagnostics } = await loadText(
      `version: 1\n${api}\nsubscriptions: { d: { all: true, key: { env: NO_KEY } } }`,
    );
    assert.match(diagnostics[0]?.message ?? "", /NO_KEY is not set/);
  });

  const keys = `${api}\nsubscriptions:\n  one: { all: true, key: { env: KEY } }\n  two: { api: a, key: { file: two.key } }`;
  it("are not shared by two subscriptions", async () =>
    assert.deepEqual(await problemsOf(keys, { variables, files: { "two.key": `${variables.KEY}\n` } }), [
      "subscription-key-shared",
    ]));
  it("are long enough", async () =>
    assert.deepEqual(await problemsOf(keys, { variables, files: { "two.key": "short" } }), [
      "subscription-key-invalid",
    ]));

  it("are never shown", async () => {
    const text = [
      "version: 1",
      'identity: { providers: { corp: { issuer: "https://hunter2:x@id.test", clientSecret: hunter2, audience: x } } }',
      'backends: { b: { url: "https://u:hunter2@b.test" } }',
      "apis: { a: { path: /a, access: public, policies: { inbound: [{ cors: { allowedOrigins: ['{{s}}'] } }, { validate-jwt: { provider: '{{s}}' } }, { rate-limit-by-key: { calls: '{{s}}', period: 1s, key: x } }] } } }",
      "subscriptions: { d: { all: true, key: hunter2 }, e: { all: true, key: { env: SHORT } } }",
      "environments: { dev: { values: { s: { env: KEY } } } }",
    ];
    const result = await loadText(text.join("\n"), { variables: { ...variables, SHORT: "hunter2" } });
    const found = result.diagnostics.map(({ code }) => code);
    for (const code of [
      "secret-plain",
      "argument-invalid",
      "reference-unknown",
      "value-invalid",
      "subscription-key-invalid",
    ]) {
      assert.ok(found.includes(code), `${code} in ${found.join()}`);
    }
    const readLine = (_: string, line: number): string | undefined => text[line - 1];
    assert.doesNotMatch(formatDiagnostics(result.diagnostics, { color: true, readLine }), /hunter2/);
  });
});

describe("each rule", () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ["version is required", api, ["key-missing"]],
    ["empty file", "", ["type-wrong"]],
    ["unknown key", `version: 1\n${api}\nbackend: {}`, ["key-unknown"]],
    ["duplicate key", `version: 1\n${api}\negress: {}\negress: {}`, ["yaml-duplicate-key"]],
    ["not YAML", "version: [1", ["yaml-syntax"]],
    ["two documents", `version: 1\n${api}\n---\na: 1`, ["yaml-syntax"]],
    ["too deep", "[".repeat(20_000), ["yaml-syntax"]],
    ["not a map", "- 1", ["type-wrong"]],
    ["unquoted value", `version: 1\napis: { a: { path: {{x}}, access: public } }`, ["type-wrong"]],
    ["unit missing", `version: 1\n${api}\naudit: { flush: 100 }`, ["value-invalid"]],
    ["out of bounds", `version: 1\n${api}\nedge: { limits: { headerSize: 1MiB } }`, ["value-invalid"]],
    ["access unsaid", "version: 1\napis: { a: { path: /a } }", ["access-unsaid"]],
    ["access empty", "version: 1\napis: { a: { path: /a, access: [] } }", ["access-empty"]],
    ["product says access", "version: 1\napis: { a: { path: /a } }\nproducts: { p: { apis: a } }", []],
    [
      "one operation unsaid",
      "version: 1\napis: { a: { path: /a, operations: { x: { method: GET, path: /x }, y: { method: GET, path: /y, access: public } } } }",
      ["access-unsaid"],
    ],
    [
      "http issuer",
      `version: 1\n${api}\nidentity: { providers: { c: { issuer: "http://id.test", clientId: x } } }`,
      ["value-invalid"],
    ],
    [
      "loopback issuer",
      `version: 1\n${api}\nidentity: { providers: { c: { issuer: "http://127.0.0.1:1", clientId: x } } }`,
      [],
    ],
    [
      "no audience",
      `version: 1\n${api}\nidentity: { providers: { c: { issuer: "https://id.test" } } }`,
      ["provider-audience-missing"],
    ],
    [
      "multi-tenant",
      `version: 1\n${api}\nidentity: { providers: { c: { issuer: "https://login.microsoftonline.com/common/v2.0", clientId: x } } }`,
      ["provider-multi-tenant"],
    ],
    [
      "unknown backend",
      "version: 1\napis: { a: { path: /a, access: public, backend: ordrs } }\nbackends: { orders: { url: 'http://b.test' } }",
      ["reference-unknown"],
    ],
    [
      "unknown backend in a policy",
      "version: 1\npolicies: { inbound: [{ set-backend-service: { backendId: x } }] }",
      ["reference-unknown"],
    ],
    ["backend without URL", "version: 1\nbackends: { b: {} }", ["key-missing"]],
    ["backend with a bad URL", "version: 1\nbackends: { b: { url: 'b.test' } }", ["value-invalid"]],
    [
      "subscription for nothing",
      `version: 1\n${api}\nsubscriptions: { s: { key: { env: A } } }`,
      ["value-invalid", "secret-missing"],
    ],
    [
      "overlap",
      "version: 1\napis: { a: { path: /a, access: public }, b: { path: /a/, access: public } }",
      ["api-overlap"],
    ],
    [
      "other host, no overlap",
      "version: 1\napis: { a: { path: /a, access: public }, b: { path: /a, hosts: b.test, access: public } }",
      [],
    ],
    [
      "same shape",
      "version: 1\napis: { a: { path: /a, access: public, operations: { x: { method: GET, path: '/{a}' }, y: { method: get, path: '/{b}' } } } }",
      ["operation-duplicate"],
    ],
    [
      "parameter in a segment",
      "version: 1\napis: { a: { path: /a, access: public, operations: { x: { method: GET, path: '/{a}.json' } } } }",
      [],
    ],
    [
      "public wildcard without DNS",
      "version: 1\napis: { a: { path: /a, hosts: '*.acme.dev', access: public } }",
      ["https-public-host"],
    ],
    ["unknown policy", "version: 1\npolicies: { inbound: [{ set-haeder: {} }] }", ["policy-unknown"]],
    [
      "wrong section",
      "version: 1\npolicies: { outbound: [{ validate-jwt: { provider: x } }] }",
      ["policy-misplaced", "reference-unknown"],
    ],
    ["wrong scope", "version: 1\npolicies: { inbound: [{ quota: { calls: 1, period: 1h } }] }", ["policy-misplaced"]],
    ["base in global", "version: 1\npolicies: { inbound: [base] }", ["base-useless"]],
    ["broken CEL", "version: 1\napis: { a: { path: /a, access: [{ allow: 'principal.nope' }] } }", ["cel-invalid"]],
    ["unknown alias", "version: 1\nedge: *x", ["yaml-alias", "type-wrong"]],
    [
      "unknown schema",
      "version: 1\npolicies: { inbound: [{ validate-content: { unspecifiedContentTypeAction: prevent, maxSize: 1KiB, sizeExceededAction: prevent, content: [{ validateAs: json, schemaId: x, action: prevent }] } }] }",
      ["reference-unknown"],
    ],
    [
      "part of no schema",
      "version: 1\npolicies: { inbound: [{ validate-content: { unspecifiedContentTypeAction: prevent, maxSize: 1KiB, sizeExceededAction: prevent, content: [{ validateAs: json, schemaRef: '#/x', action: prevent }] } }] }",
      ["argument-invalid"],
    ],
    ["missing schema", "version: 1\nschemas: { s: { json: x.json } }", ["file-unreadable"]],
    ["schema of nothing", "version: 1\nschemas: { s: {} }", ["value-invalid"]],
    ["missing document", "version: 1\napis: { a: { path: /a, access: public, openapi: x.yaml } }", ["file-unreadable"]],
    [
      "prototype names",
      "version: 1\napis: { __proto__: { path: /a, access: public } }\nconstructor: 1",
      ["name-invalid", "key-unknown"],
    ],
  ];
  for (const [name, text, expected] of cases) {
    it(name, async () => {
      const { diagnostics } = await loadText(text);
      const found = diagnostics.map(({ code }) => code);
      assert.deepEqual(found.toSorted(), expected.toSorted(), JSON.stringify(diagnostics, null, 1));
    });
  }

  it("points into expressions", async () => {
    const text =
      "version: 1\napis:\n  a:\n    path: /a\n    access:\n      - allow: 'principal.nope'\n      - allow: |\n          true &&\n          nope\n";
    assert.deepEqual(
      codes(await loadText(text)).map((code) => code.split(" ")[1]?.split(":")[0]),
      ["6", "9"],
    );
  });

  it("bounds aliases that multiply", async () => {
    const branch = "{ choose: { when: [{ condition: true, policies: *s }] } }";
    const { diagnostics } = await loadText(
      `version: 1\npolicies: { inbound: &s [${Array(10).fill(branch).join(", ")}] }`,
    );
    assert.ok(diagnostics.some(({ code }) => code === "yaml-alias"));
    assert.ok(diagnostics.length <= 1001);
  });
});

describe("admin", () => {
  const provider = 'identity: { providers: { corp: { issuer: "https://login.example.com/", audiences: [x] } } }';
  const remote = (more: string): string => `${api}\n${provider}\nadmin: { listen: "127.0.0.1:9443", ${more} }`;
  const whole = "provider: corp, audience: api://admin, roles: { operator: { group: platform } }";

  it("is a socket and a hundred configurations when nothing is said", async () => {
    const { definition } = await loadText(`version: 1\n${api}\n`);
    const { socket, remote: tcp, history } = definition?.admin ?? {};
    assert.deepEqual([socket, tcp, history?.keep], [true, null, 100]);
  });

  it("takes a group or CEL for a role", async () => {
    const roles = "roles: { viewer: '\"staff\" in principal.groups', operator: { group: platform } }";
    const { definition, diagnostics } = await loadText(
      `version: 1\n${remote(`provider: corp, audience: api://admin, ${roles}`)}\n`,
    );
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(definition?.admin.remote?.roles.operator, { kind: "group", group: "platform" });
    assert.equal(definition.admin.remote.roles.viewer?.kind, "cel");
  });

  it("over TCP needs a provider, an audience and a role", async () => {
    assert.deepEqual(await problemsOf(remote("hosts: []")), ["key-missing", "key-missing", "key-missing"]);
    assert.deepEqual(await problemsOf(remote(whole.replace("corp", "cropp"))), ["reference-unknown"]);
    assert.deepEqual(await problemsOf(remote(whole.replace("{ group: platform }", "true"))), [
      "key-missing",
      "value-invalid",
    ]);
    assert.deepEqual(await problemsOf(remote(`hosts: ["*.example.com"], ${whole}`)), ["value-invalid"]);
  });

  it("without TCP has no use for a provider", async () => {
    assert.deepEqual(await problemsOf(`${api}\n${provider}\nadmin: { provider: corp }`), ["setting-unused"]);
  });

  for (const host of ["127.0.0.1", "localhost", "127.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"]) {
    it(`is refused as a backend: ${host}`, async () => {
      const backends = `\nbackends: { own: { url: "https://${host}:9443" } }`;
      assert.deepEqual(await problemsOf(`${remote(whole)}${backends}`), ["backend-admin"]);
      assert.deepEqual(await problemsOf(`${remote(whole)}${backends.replace("9443", "9444")}`), []);
    });
  }
});

describe("handlers", () => {
  it("files need a folder that is there", async () => {
    const text = (files: string): string => `apis: { a: { path: /a, access: public, files: ${files} } }`;
    const files = { "app.txt": "a file" };
    assert.deepEqual(await problemsOf(text("./nowhere")), ["file-unreadable"]);
    assert.deepEqual(await problemsOf(text("./app.txt"), { files }), ["file-unreadable"]);
    assert.deepEqual(await problemsOf(text('{ root: ./nowhere, tryFiles: ["../{path}"], index: a/b, hide: ".." }')), [
      "file-unreadable",
      "value-invalid",
      "value-invalid",
      "value-invalid",
    ]);
  });

  it("one of them answers", async () => {
    const text = "apis: { a: { path: /a, access: public, redirect: /b, respond: { status: 204 } } }";
    assert.deepEqual(await problemsOf(text), ["handler-several"]);
    assert.deepEqual(await problemsOf("apis: { a: { path: /a, access: public, redirect: //evil.example } }"), [
      "argument-invalid",
    ]);
    const unknown = "apis: { a: { path: /a, access: public, respond: { stauts: 204 } } }";
    assert.deepEqual(await problemsOf(unknown), ["key-unknown"]);
    const both = "apis: { a: { path: /a, access: public, respond: { body: x, file: y.txt } } }";
    assert.deepEqual(await problemsOf(both, { files: { "y.txt": "y" } }), ["value-invalid"]);
  });
});

describe("schemas by name", () => {
  const policies = (part: string): string =>
    `version: 1\nschemas: { order: { json: order.json }, other: { json: other.json } }\npolicies: { inbound: [{ validate-content: { unspecifiedContentTypeAction: prevent, maxSize: 1KiB, sizeExceededAction: prevent, content: [{ validateAs: json, schemaId: order, ${part} action: prevent }] } }] }`;
  const files = { "order.json": '{"type":"object","$defs":{"line":{"type":"string"}}}', "other.json": "{}" };

  it("come with the parts that policies name, and with no others", async () => {
    const { definition, diagnostics } = await loadText(policies("schemaRef: '#/$defs/line',"), { files });
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(definition?.schemas, [
      { name: "order", pointer: "#/$defs/line", schema: { draft: "2020-12", schema: { type: "string" } } },
    ]);
  });

  it("must have the part that a policy names", async () => {
    const { diagnostics } = await loadText(policies("schemaRef: '#/$defs/x',"), { files });
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ["schema-invalid"],
    );
  });
});
