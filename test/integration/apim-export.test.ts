import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Definition } from "#model/definition.ts";
import type { OpenDefinition } from "#model/open-definition.ts";
import { canonicalJson } from "#compile/canonical.ts";
import type { DefinitionOptions } from "#cli/definition-options.ts";
import { readDefinition } from "#cli/apim/read-definition.ts";
import { compareFacts } from "#interop/apim/drift/compare.ts";
import { factsOf } from "#interop/apim/drift/facts.ts";
import { withOverrides } from "#interop/apim/drift/with-overrides.ts";
import { configurationOf } from "#interop/apim/export/configuration.ts";
import { exportFolder, type Exported } from "#interop/apim/export/export-folder.ts";
import { plainDocument } from "#interop/apim/plain-tree.ts";
import { writeFolder } from "#interop/apim/export/write-folder.ts";
import { type Artifacts, readArtifacts } from "#interop/apim/import/artifacts.ts";
import { importFolder } from "#interop/apim/import/import-folder.ts";
import { writeImport } from "#interop/apim/import/write-import.ts";
import { Problems } from "#notation/problems.ts";
import { readXmlFragment, readXmlPolicies } from "#notation/xml/policies.ts";
import { scanXml } from "#notation/xml/scan.ts";
import { xmlReading } from "#notation/xml/xml-reading.test-helper.ts";
import { type CliResult, runCli } from "#test/support/gateway.ts";
import { root } from "#test/support/require.ts";

const corpus = join(root, "..", "shared", "corpora", "apiops", "SampleArtifacts");
const skip = existsSync(corpus) ? false : "corpora absent: ../shared/corpora/apiops";

let folder: string;
before(async () => (folder = await mkdtemp(join(tmpdir(), "apim-export-"))));
after(() => rm(folder, { recursive: true, force: true }));

interface Read {
  readonly definition: Definition;
  readonly open: OpenDefinition;
}

async function read(path: string): Promise<Read> {
  return readAs({ config: join(path, "sallyport.yaml") });
}

async function readAs(options: DefinitionOptions): Promise<Read> {
  const found = await readDefinition(options);
  if (!found.ok) assert.fail(JSON.stringify(found.diagnostics));
  return found;
}

async function imported(from: string, to: string): Promise<Read> {
  const artifacts = await readArtifacts(from);
  assert.equal(typeof artifacts, "object", String(artifacts));
  const written = importFolder(artifacts as Artifacts, {}, []);
  assert.deepEqual(
    written.report.unsupported.filter(({ from: path }) => path.endsWith(".xml")),
    [],
  );
  assert.equal(await writeImport(to, written, false), undefined);
  return read(to);
}

async function exported({ definition, open }: Read, to: string): Promise<Exported> {
  const made = exportFolder(definition, open, "rawxml");
  assert.deepEqual(made.report.impossible, []);
  assert.equal(await writeFolder(to, made.files, false), undefined);
  return made;
}

/** What of a definition comes back: all that is said of policies, APIs, products, version sets and values. */
function comparable({ definition, open }: Read): unknown {
  const urlOf = (name: string | null): unknown => definition.backends.find((one) => one.name === name)?.targets ?? null;
  const { policies, apis, products } = definition;
  return JSON.parse(
    canonicalJson({
      policies,
      apis: apis.map((api) => ({
        ...api,
        backend: urlOf(api.backend),
        at: null,
        operations: api.operations.map((one) => ({ ...one, at: null })),
      })),
      products: products.map((product) => ({ ...product, apis: product.apis.toSorted(), at: null })),
      values: open.values,
      fragments: open.fragments,
      versionSets: open.versionSets,
    }),
  );
}

/** Every document that was written, read again without its values, is the tree that it was written from. */
function assertTrees({ files, trees }: Exported): void {
  for (const [path, tree] of trees) {
    const problems = new Problems();
    const text = files.get(path) ?? "";
    const document = scanXml(path, text, problems);
    assert.ok(document, path);
    const reading = xmlReading({ problems, open: true, fragments: null });
    const place = { section: null, scope: null, inside: null, only: null, seen: new Set<string>(), depth: 0 };
    const again =
      document.root.name === "fragment"
        ? { inbound: readXmlFragment(reading, document, place) }
        : readXmlPolicies(reading, document, null);
    const errors = problems.sorted().filter(({ severity }) => severity === "error");
    assert.deepEqual(errors, [], text);
    assert.equal(plainDocument(again), plainDocument(tree), text);
  }
}

describe("an APIOps folder that was imported", { skip }, () => {
  it("is exported so that an import gives the same again", async () => {
    const first = await imported(corpus, join(folder, "first"));
    const made = await exported(first, join(folder, "artifacts"));
    assertTrees(made);
    const second = await imported(join(folder, "artifacts"), join(folder, "second"));
    assert.deepEqual(comparable(second), comparable(first));
    // And once more: nothing drifts from one round to the next.
    const again = await exported(second, join(folder, "artifacts2"));
    assert.deepEqual([...again.files], [...made.files]);
  });
});

const definition = `version: 1
policies:
  inbound:
    - set-header: { name: X-Env, values: ["{{env-name}}"] }
fragments:
  trace:
    - set-header: { name: X-Method, values: ["a \${request.method}"] }
apis:
  orders:
    path: /orders
    backend: orders
    timeout: 300s
    errors: api-management
    subscriptionKey: { forward: true }
    operations:
      list: { method: GET, path: / }
      get:
        method: GET
        path: /{id}
        policies: { inbound: [base, { set-header: { name: X-Id, values: ["{{env-name}}/\${parameters.id}"] } }] }
    policies:
      inbound:
        - base
        - include-fragment: trace
        - rate-limit-by-key: { calls: "{{calls}}", period: 60s, key: '\${subscription != null ? subscription.id : "nobody"}' }
        - choose:
            when:
              - condition: request.headers["x-old"] == "1" && request.method == "GET"
                policies: [{ return-response: { status: 410, headers: { X-A: b }, body: "gone \${request.path}" } }]
            otherwise: [{ set-variable: { name: n, value: '\${size(request.path)}' } }]
      outbound: [base, { set-header: { name: X-N, values: ["\${variables.n}"] } }]
  old: { path: /old, access: public, errors: api-management, timeout: 300s, operations: { go: { method: GET, path: /go, redirect: { to: /orders } } } }
backends: { orders: { url: "https://orders.example" } }
products:
  starter: { apis: [orders], approvalRequired: true, policies: { inbound: [base, { quota: { calls: 1000, period: 7d } }] } }
environments:
  dev: { values: { env-name: dev, calls: 10 } }
  prod: { values: { env-name: prod, calls: 100 } }
`;

describe("a definition in YAML with CEL", () => {
  it("comes back with C# where CEL stood, and else as it was", async () => {
    const path = join(folder, "own");
    await writeFile(`${path}.yaml`, definition);
    const found = await readAs({ config: `${path}.yaml`, env: "prod" });
    const made = await exported(found, join(folder, "own-artifacts"));
    assertTrees(made);
    assert.match(made.files.get("apis/orders/policy.xml") ?? "", /calls="\{\{calls\}\}"/);
    assert.match(made.files.get("apis/orders/operations/get/policy.xml") ?? "", /@\("\{\{env-name\}\}\/" \+ context/);
    assert.match(made.files.get("named values/calls/namedValueInformation.json") ?? "", /"value": "100"/);
    const back = await imported(join(folder, "own-artifacts"), join(folder, "own-back"));
    const again = await exported(back, join(folder, "own-again"));
    assert.deepEqual([...again.trees.keys()].toSorted(), [...made.trees.keys()].toSorted());
    for (const [name, tree] of made.trees)
      assert.equal(plainDocument(again.trees.get(name) ?? {}), plainDocument(tree), name);
  });
});

describe("loggers and diagnostics", () => {
  const text = `version: 1
loggers:
  insights: { applicationInsights: { connectionString: { env: INSIGHTS }, identityClientId: SystemAssigned } }
  hub: { eventHub: { name: events, connection: { env: HUB } } }
diagnostics: { applicationInsights: { loggerId: insights, sampling: { percentage: 20 }, verbosity: error } }
apis:
  own:
    path: /own
    backend: b
    access: public
    timeout: 300s
    operations: { go: { method: GET, path: /, diagnostics: { applicationInsights: { loggerId: insights } } } }
    diagnostics:
      applicationInsights:
        loggerId: insights
        alwaysLog: allErrors
        logClientIp: true
        httpCorrelationProtocol: None
        operationNameFormat: Url
        metrics: true
        frontend: { request: { headers: [X-A], body: { bytes: 7 }, dataMasking: { headers: [{ value: x-a, mode: Hide }] } } }
        backend: { response: { dataMasking: { queryParams: [{ value: q, mode: Mask }] } } }
  all: { path: /all, backend: b, access: public, timeout: 300s, operations: { go: { method: GET, path: / } } }
backends: { b: { url: "https://b.example" } }
`;

  it("are those of each API there, with their logger, and come back", async () => {
    const path = join(folder, "diagnostics");
    await writeFile(`${path}.yaml`, text);
    const found = await readAs({ config: `${path}.yaml` });
    const made = await exported(found, join(folder, "diagnostics-artifacts"));
    const hub = JSON.parse(made.files.get("loggers/hub/loggerInformation.json") ?? "{}") as object;
    const credentials = { name: "events", connectionString: "{{logger-hub-connection}}" };
    assert.deepEqual(hub, { properties: { loggerType: "azureEventHub", credentials } });
    assert.ok(made.report.left.some(({ message }) => message.includes("diagnostics of go")));
    const back = await imported(join(folder, "diagnostics-artifacts"), join(folder, "diagnostics-back"));
    const of = ({ definition: { apis, diagnostic } }: Read, name: string): unknown =>
      apis.find((api) => api.name === name)?.diagnostic ?? diagnostic;
    for (const name of ["own", "all"]) assert.deepEqual(of(back, name), of(found, name), name);
    assert.deepEqual(
      back.definition.insights?.map(({ name, identity }) => [name, identity?.clientId]),
      [["insights", ""]],
    );
  });
});

describe("schemas and certificates", () => {
  const vault = "https://contoso.vault.azure.net/secrets";
  const text = `version: 1
errors: api-management
schemas:
  order: { json: ./order.yaml }
  envelope: { xml: ./envelope.xsd }
certificates:
  partner: { pfx: { keyVault: { secretIdentifier: "${vault}/partner" } } }
  other: { pfx: { keyVault: { secretIdentifier: "${vault}/other", identityClientId: 11111111-2222-3333-4444-555555555555 } } }
  own: { pfx: { env: OWN_PFX } }
apis:
  orders:
    path: /orders
    backend: b
    access: public
    timeout: 300s
    operations: { go: { method: POST, path: / } }
    policies:
      inbound:
        - base
        - authentication-certificate: { certificateId: other }
        - validate-content:
            unspecifiedContentTypeAction: prevent
            maxSize: 1KiB
            sizeExceededAction: prevent
            content:
              - { type: application/json, validateAs: json, action: prevent, schemaId: order, schemaRef: "#/definitions/order" }
              - { type: application/xml, validateAs: xml, action: prevent, schemaId: envelope }
backends: { b: { url: "https://b.example", tls: { clientCertificate: partner } } }
`;
  const order = "definitions:\n  order: { type: object, required: [id], properties: { id: { type: integer } } }\n";
  const envelope =
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">\n  <xs:element name="order" type="xs:string"/>\n</xs:schema>\n';

  it("go along as far as no key is in them, and come back", async () => {
    const path = join(folder, "kept");
    await mkdir(path);
    for (const [name, content] of Object.entries({
      "sallyport.yaml": text,
      "order.yaml": order,
      "envelope.xsd": envelope,
    }))
      await writeFile(join(path, name), content);
    const found = await read(path);
    const made = await exported(found, join(folder, "kept-artifacts"));
    const propertiesOf = (file: string): unknown =>
      (JSON.parse(made.files.get(file) ?? "{}") as { properties?: unknown }).properties;
    assert.deepEqual(propertiesOf("certificates/partner/certificateInformation.json"), {
      keyVault: { secretIdentifier: `${vault}/partner` },
    });
    assert.deepEqual(propertiesOf("backends/b/backendInformation.json"), {
      url: "https://b.example",
      protocol: "http",
      credentials: { certificateIds: ["/certificates/partner"] },
    });
    assert.deepEqual(propertiesOf("schemas/envelope/schemaInformation.json"), { schemaType: "xml", value: envelope });
    assert.ok(!made.files.has("certificates/own/certificateInformation.json"));
    assert.ok(made.report.left.some(({ from }) => from === "certificates.own"));

    const back = await imported(join(folder, "kept-artifacts"), join(folder, "kept-back"));
    const again = await exported(back, join(folder, "kept-again"));
    const kept = (files: ReadonlyMap<string, string>): readonly (readonly [string, string])[] =>
      [...files].filter(([name]) => /^(?:schemas|certificates|backends)\/|policy\.xml$/.test(name));
    assert.deepEqual(kept(again.files), kept(made.files));
    assert.deepEqual(back.definition.schemas, found.definition.schemas);
    assert.deepEqual(back.definition.xmlSchemas, found.definition.xmlSchemas);
    assert.deepEqual([...back.open.shownCertificates], [["b", "partner"]]);
  });

  it("count for drift, each in its own way", async () => {
    const found = await read(join(folder, "kept"));
    const { files } = exportFolder(found.definition, found.open, "rawxml");
    const other = new Map(files);
    const change = (name: string, from: string, to: string): void => {
      other.set(name, (files.get(name) ?? "").replace(from, to));
    };
    change("schemas/order/schemaInformation.json", '"integer"', '"string"');
    change("certificates/partner/certificateInformation.json", "/partner", "/stolen");
    change("backends/b/backendInformation.json", "/certificates/partner", "/x/certificates/other");
    other.set("certificates/theirs/certificateInformation.json", '{"properties":{"subject":"CN=theirs"}}');
    assert.deepEqual(
      compareFacts(factsOf(files), factsOf(other)).map(({ path, kind }) => `${kind} ${path}`),
      [
        "changed backends/b/backendInformation.json",
        "changed certificates/partner/certificateInformation.json",
        "changed schemas/order/schemaInformation.json",
      ],
    );
  });
});

describe("what a service consists of", () => {
  const text = `version: 1
errors: api-management
versionSets: { by-header: { header: Api-Version }, by-query: { query: v }, by-path: { segment: true } }
apis:
  one: { path: /one, versionSet: by-header, version: v1, backend: pool, timeout: 300s, subscriptionKey: { forward: true, header: X-Key, query: k }, operations: { go: { method: GET, path: "/files/{*rest}" } } }
  two: { path: /two, versionSet: by-path, version: v2, backend: broken, access: public, timeout: 300s, operations: { find: { method: GET, path: "/find/{id}?mode={mode}" } } }
  three: { path: /three, revision: 3, backend: single, access: public, timeout: 300s, operations: { go: { method: GET, path: / } } }
  three-next: { path: /three, revision: 4, current: false, backend: single, access: public, timeout: 300s, operations: { go: { method: POST, path: / } } }
backends:
  single: { url: "https://single.example/base" }
  broken: { url: "https://broken.example", circuitBreaker: { failures: 3, interval: 10s, trip: 60s, status: [429, 500-599], acceptRetryAfter: true } }
  pool: { targets: [{ backend: broken, weight: 3, priority: 1 }, { backend: single, priority: 2 }] }
products:
  keyed: { displayName: Keyed, apis: [one], approvalRequired: true, subscriptionsLimit: 3, groups: [developers, partners], state: notPublished }
  inside: { apis: [one], subscription: identity, rotation: 90d }
`;

  it("comes back as it was", async () => {
    await writeFile(join(folder, "whole.yaml"), text);
    const own = await readAs({ config: join(folder, "whole.yaml") });
    const made = await exported(own, join(folder, "whole-artifacts"));
    assertTrees(made);
    const back = await imported(join(folder, "whole-artifacts"), join(folder, "whole-back"));
    const apisOf = ({ definition: { apis } }: Read): unknown =>
      apis
        .map(({ path, version, revision, subscriptionKey, operations }) => ({
          path,
          version,
          revision,
          key: [subscriptionKey.header, subscriptionKey.query],
          operations: operations.map(({ name, method, template, query = [] }) => ({ name, method, template, query })),
        }))
        .toSorted((a, b) => (a.path < b.path ? -1 : 1));
    assert.deepEqual(apisOf(back), apisOf(own));
    const backendOf = ({ definition: { backends } }: Read, wanted: string): unknown => {
      const { targets, circuitBreaker } = backends.find(({ name }) => name === wanted) ?? {};
      return { targets, circuitBreaker };
    };
    for (const name of ["pool", "broken", "single"]) assert.deepEqual(backendOf(back, name), backendOf(own, name));
    const { at: _, ...product } = own.definition.products[0] ?? assert.fail();
    const { at: __, ...again } = back.definition.products.find(({ name }) => name === "keyed") ?? assert.fail();
    assert.deepEqual(again, product);
  });

  it("shows a backend what it was shown, and keeps the client's own token from it", async () => {
    const backends = `backends:
  bare: { url: "https://bare.example", authorization: none }
  azure: { url: "https://azure.example", authorization: { managedIdentity: { resource: "https://azure.example" } } }
`;
    const api = (name: string): string =>
      `  ${name}: { path: /${name}, backend: ${name}, access: public, operations: { go: { method: GET, path: / } } }\n`;
    await writeFile(join(folder, "shown.yaml"), `version: 1\napis:\n${api("bare")}${api("azure")}${backends}`);
    const own = await readAs({ config: join(folder, "shown.yaml") });
    const { files, report } = exportFolder(own.definition, own.open, "rawxml");
    assert.deepEqual(report.impossible, []);
    assert.match(
      files.get("apis/bare/policy.xml") ?? "",
      /<inbound>\s*<set-header name="Authorization" exists-action="delete" \/>/,
    );
    assert.match(
      files.get("apis/azure/policy.xml") ?? "",
      /<authentication-managed-identity resource="https:\/\/azure.example" \/>/,
    );
  });

  it("asks for a key where people came in by who they are, and says so", async () => {
    const own = await readAs({ config: join(folder, "whole.yaml") });
    const { files, report } = exportFolder(own.definition, own.open, "rawxml");
    assert.match(files.get("products/inside/productInformation.json") ?? "", /"subscriptionRequired": true/);
    assert.match(files.get("apis/one/apiInformation.json") ?? "", /"subscriptionRequired": true/);
    assert.ok(report.changed.some(({ from, message }) => from === "products.inside" && /by identity/.test(message)));
    assert.ok(report.changed.some(({ from, message }) => from === "products.inside" && /rotation/.test(message)));
    assert.ok(files.has("apis/three;rev=4/apiInformation.json"));
  });
});

describe("configurationOf", () => {
  const at = (env: string): Promise<Read> => readAs({ config: join(folder, "two.yaml"), env });
  const two = `version: 1
apis:
  orders: { path: /orders, backend: orders, access: public, operations: { go: { method: GET, path: / } }, policies: { inbound: [base, { set-header: { name: X-Env, values: ["{{stage}}"] } }] } }
backends: { orders: { url: "https://{{host}}" }, other: { url: "https://{{host}}/other" } }
environments:
  dev: { values: { stage: dev, host: dev.example } }
  prod: { values: { stage: prod, host: prod.example } }
`;

  it("says what another environment has otherwise, and an import has both of them again", async () => {
    await writeFile(join(folder, "two.yaml"), two);
    const [dev, prod] = [await at("dev"), await at("prod")];
    const made = exportFolder(dev.definition, dev.open, "rawxml");
    const { text, unsaid } = configurationOf(made, exportFolder(prod.definition, prod.open, "rawxml"));
    assert.deepEqual(unsaid, []);
    const configurations = new Map([
      ["configuration.dev.yaml", "{}\n"],
      ["configuration.prod.yaml", text],
    ]);
    await writeFolder(join(folder, "two"), new Map([...made.files, ...configurations]), false);

    const artifacts = await readArtifacts(join(folder, "two"));
    assert.ok(typeof artifacts === "object");
    assert.equal(await writeImport(join(folder, "two-back"), importFolder(artifacts, {}, []), false), undefined);
    for (const env of ["dev", "prod"]) {
      const own = await at(env);
      const back = await readAs({ config: join(folder, "two-back", "sallyport.yaml"), env });
      const seen = ({ definition: { backends, apis }, open }: Read): unknown => ({
        urls: backends.map(({ targets }) => targets[0]?.url).toSorted(),
        service: backends.find(({ name }) => name === apis[0]?.backend)?.targets[0]?.url,
        stage: open.values.find(({ name }) => name === "stage"),
      });
      assert.deepEqual(seen(back), seen(own));
      const expected = factsOf(exportFolder(own.definition, own.open, "rawxml").files);
      assert.deepEqual(compareFacts(expected, factsOf(withOverrides(artifacts, env))), [], env);
    }
    const other = withOverrides(artifacts, "dev").get("backends/other/backendInformation.json") ?? "";
    assert.match(other, /dev\.example/);
  });

  it("names what it cannot say", async () => {
    await writeFile(join(folder, "two.yaml"), two);
    const dev = await at("dev");
    const made = exportFolder(dev.definition, dev.open, "rawxml");
    const without = { ...made, files: new Map([...made.files].filter(([path]) => !path.endsWith("policy.xml"))) };
    assert.deepEqual(configurationOf(made, without).unsaid, ["apis/orders/policy.xml"]);
  });
});

describe("sallyport export apim", () => {
  const text = `version: 1
apis:
  good: { path: /good, backend: b, access: public, operations: { go: { method: GET, path: / } } }
  bad:
    path: /bad
    backend: b
    operations: { go: { method: GET, path: / } }
    policies:
      inbound:
        - set-header: { name: X-A, values: ["\${principal.kind}"] }
backends: { b: { url: "https://b.example", headers: { X-Key: { env: BACKEND_KEY } } } }
products: { starter: { apis: [good, bad] } }
subscriptions: { team: { product: starter, key: { env: TEAM_KEY } } }
environments: { dev: { values: { token: { env: TOKEN } } } }
`;
  const secrets = { BACKEND_KEY: "s3cret-of-backend", TEAM_KEY: "s3cret-of-the-team", TOKEN: "s3cret-token" };
  const paths = (): readonly [string, string] => [join(folder, "cli.yaml"), join(folder, "cli-out")];

  async function run(...args: readonly string[]): Promise<CliResult> {
    const [config, output] = paths();
    await writeFile(config, text);
    return runCli(["export", "apim", "--config", config, "--output", output, ...args], secrets);
  }

  it("names what cannot be there with its place, and writes nothing then", async () => {
    const { code, stdout } = await run("--json");
    assert.equal(code, 1);
    const { output, impossible } = JSON.parse(stdout) as {
      output: unknown;
      impossible: readonly Record<string, unknown>[];
    };
    assert.equal(output, null);
    assert.deepEqual(
      impossible.map(({ owner, line, code: named }) => [owner, line, named]),
      [["apis.bad", 10, "export-impossible"]],
    );
    assert.match(String(impossible[0]?.["message"]), /principal.kind has no counterpart/);
    await assert.rejects(readdir(paths()[1]), { code: "ENOENT" });
  });

  it("leaves out the whole API when asked to, writes no secret, and needs none", async () => {
    assert.equal((await run("--partial", "--check")).code, 0);
    await assert.rejects(readdir(paths()[1]), { code: "ENOENT" });
    const { code, stdout, stderr } = await run("--partial");
    assert.equal(code, 0, stderr);
    const [, output] = paths();
    const files = await readdir(output, { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      files.filter((one) => one.isFile()).map((one) => readFile(join(one.parentPath, one.name), "utf8")),
    );
    for (const one of [...texts, stdout, stderr]) assert.doesNotMatch(one, /s3cret/);
    assert.deepEqual(await readdir(join(output, "apis")), ["good"]);
    assert.deepEqual(await readdir(join(output, "products", "starter", "apis")), ["good"]);
    assert.deepEqual((await readdir(join(output, "named values"))).toSorted(), ["b-header-X-Key", "token"]);
    assert.match(
      await readFile(join(output, "backends", "b", "backendInformation.json"), "utf8"),
      /"\{\{b-header-X-Key\}\}"/,
    );

    await rm(join(output, ".sallyport-export.json"));
    const refused = await run("--partial");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /is not empty \(export-output\)\n {2}fix: /);
  });

  it("says where it cannot write, and what to do", async () => {
    const [, output] = paths();
    await writeFile(`${output}-file`, "");
    const refused = await run("--partial", "--output", join(`${output}-file`, "out"));
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /cli-out-file.* cannot be used: E\w+ \(\w+\) \(file-unusable\)\n {2}fix: .*\n$/);
    assert.doesNotMatch(refused.stderr, /\n {4}at /);
  });

  it("says what is wrong with the definition", async () => {
    const [config, output] = paths();
    await writeFile(config, "version: 1\napis: { a: { path: /a } }\n");
    const invalid = await runCli(["export", "apim", "--config", config, "--output", output], {});
    assert.equal(invalid.code, 1);
    assert.match(invalid.stderr, /access-unsaid/);
  });
});

describe("writeFolder", () => {
  const files = new Map([["apis/a/apiInformation.json", "{}"]]);

  it("replaces what an export wrote, keeps what is somebody else's, and touches no foreign folder", async () => {
    const target = join(folder, "target");
    assert.equal(await writeFolder(target, new Map([["apis/old/apiInformation.json", "{}"]]), false), undefined);
    await writeFile(join(target, "configuration.prod.yaml"), "apis: []\n");
    assert.equal(await writeFolder(target, files, false), undefined);
    assert.deepEqual(await readdir(join(target, "apis")), ["a"]);
    assert.equal(await readFile(join(target, "configuration.prod.yaml"), "utf8"), "apis: []\n");

    const foreign = join(folder, "foreign");
    await writeFolder(foreign, files, false);
    await rm(join(foreign, ".sallyport-export.json"));
    assert.match((await writeFolder(foreign, files, false)) ?? "", /is not empty/);
    assert.equal(await writeFolder(foreign, files, true), undefined);
    const left = (await readdir(folder)).filter((name) => name.startsWith("."));
    assert.deepEqual(left, []);
  });
});
