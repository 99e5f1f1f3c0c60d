import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readDefinition } from "#cli/apim/read-definition.ts";
import { compareFacts, type Drifted } from "#interop/apim/drift/compare.ts";
import { type Facts, factsOf } from "#interop/apim/drift/facts.ts";
import { factsOfService, withoutOthers } from "#interop/apim/drift/service-facts.ts";
import { exportFolder } from "#interop/apim/export/export-folder.ts";
import { writeFolder } from "#interop/apim/export/write-folder.ts";
import { readArtifacts } from "#interop/apim/import/artifacts.ts";
import { importFolder } from "#interop/apim/import/import-folder.ts";
import { writeImport } from "#interop/apim/import/write-import.ts";
import { ManagementClient } from "#interop/apim/management/client.ts";
import { readService } from "#interop/apim/management/read-service.ts";
import { type CliResult, runCli } from "#test/support/gateway.ts";
import { ManagementStandIn } from "#test/support/management-stand-in.ts";
import { root } from "#test/support/require.ts";

const corpus = join(root, "..", "shared", "corpora", "apiops", "SampleArtifacts");
const skip = existsSync(corpus) ? false : "corpora absent: ../shared/corpora/apiops";

let folder: string;
let config: string;
/** What the definition exports that was imported from the corpus. */
let expected: Facts;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apim-drift-"));
  config = join(folder, "gateway", "sallyport.yaml");
  if (skip !== false) return;
  const artifacts = await readArtifacts(corpus);
  assert.ok(typeof artifacts === "object");
  assert.equal(await writeImport(join(folder, "gateway"), importFolder(artifacts, {}, []), false), undefined);
  const read = await readDefinition({ config });
  assert.ok(read.ok);
  expected = factsOf(exportFolder(read.definition, read.open, "rawxml").files);
});
after(() => rm(folder, { recursive: true, force: true }));

function drift(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  return runCli(["drift", "apim", "--config", config, ...args], env);
}

async function textsOf(path: string): Promise<Map<string, string>> {
  const artifacts = await readArtifacts(path);
  assert.ok(typeof artifacts === "object");
  return new Map(artifacts.texts);
}

function shown(differences: readonly Drifted[]): readonly string[] {
  return differences.map(({ path, kind }) => `${kind} ${path}`);
}

describe("drift against an APIOps folder", { skip }, () => {
  it("is none in the folder that the definition was imported from", async () => {
    assert.deepEqual(compareFacts(expected, factsOf(await textsOf(corpus))), []);
  });

  it("is what a policy, an API or a product means otherwise, and no other spelling of the same", async () => {
    const texts = await textsOf(corpus);
    const policy = texts.get("apis/basic-api/policy.xml") ?? "";
    const respelled = policy
      .replace(
        '<set-header name="X-Api" exists-action="override">',
        "<!-- same -->\n<set-header   exists-action='override' name='X-Api'>",
      )
      .replaceAll("\t", "  ");
    assert.notEqual(respelled, policy);
    texts.set("apis/basic-api/policy.xml", respelled);
    texts.set("apis/basic-api/operations/get-items/policy.xml", "<policies><inbound><base/></inbound></policies>");
    texts.set(
      "apis/graphql-api/policy.xml",
      "<policies><inbound><base /></inbound><backend><base/></backend></policies>",
    );
    const product = { displayName: "product1", state: "published", subscriptionRequired: true, subscriptionsLimit: 11 };
    texts.set("products/product1/productInformation.json", JSON.stringify({ properties: product }));
    texts.delete("products/product2/apis/soap-api/productApiInformation.json");
    const value = { displayName: "more", secret: true, value: "hunter2" };
    texts.set("named values/more/namedValueInformation.json", JSON.stringify({ properties: value }));
    await writeFolder(join(folder, "drifted"), texts, false);

    const differences = compareFacts(expected, factsOf(texts));
    assert.deepEqual(shown(differences), [
      "missing apis/basic-api/operations/get-items/policy.xml",
      "extra named values/more/namedValueInformation.json",
      "changed products/product1/productInformation.json",
      "missing products/product2/apis/soap-api/productApiInformation.json",
    ]);
    const files = { junit: join(folder, "drift.xml"), html: join(folder, "drift.html") };
    const beside = ["--junit", files.junit, "--html", files.html];
    const printed = await drift(["--folder", join(folder, "drifted"), ...beside]);
    assert.equal(printed.code, 1);
    const [junit, page] = await Promise.all([readFile(files.junit, "utf8"), readFile(files.html, "utf8")]);
    for (const text of [printed.stdout, junit, page]) assert.doesNotMatch(text, /hunter2/);
    assert.match(junit, /<testsuites name="sallyport drift" tests="4" failures="4" skipped="0">/);
    assert.match(page, /products\/product1\/productInformation\.json: it is another there/);
    assert.match(printed.stdout, /^- {2}"subscriptionsLimit": 10\n\+ {2}"subscriptionsLimit": 11$/m);
    assert.match(printed.stdout, /1 changed, 2 missing, 1 not of the definition\n$/);
  });

  it("is not spoken of where nothing can be compared", async () => {
    const [unsaid, absent] = await Promise.all([drift([]), drift(["--folder", join(folder, "nowhere")])]);
    assert.deepEqual([unsaid.code, absent.code], [2, 2]);
    assert.match(unsaid.stderr, /name what to compare with/);
    assert.match(absent.stderr, /cannot be read: ENOENT \(import-folder\)/);
  });
});

describe("drift against a stand-in for the management API", { skip }, () => {
  let standIn: ManagementStandIn;
  const texts = new Map<string, string>();
  before(async () => {
    for (const [path, text] of await textsOf(corpus)) texts.set(path, text);
    standIn = await ManagementStandIn.start(texts);
  });
  after(() => standIn.close());

  const waits: number[] = [];
  const clientOf = (url: string, token: string): ManagementClient =>
    new ManagementClient(
      { url, token, apiVersion: "2022-08-01" },
      { fetch, wait: (milliseconds) => Promise.resolve(void waits.push(milliseconds)) },
    );

  async function differences(): Promise<readonly string[]> {
    const service = await readService(clientOf(standIn.url, standIn.token));
    return shown(compareFacts(withoutOthers(expected, service), factsOfService(service)));
  }

  it("is none in the service that the definition was imported from, page by page and when told to wait", async () => {
    standIn.busy = 3;
    // What stands in has no WADL: its operations are those of OpenAPI documents.
    assert.deepEqual(await differences(), ["changed apis/wadl-api/specification"]);
    assert.deepEqual(waits, [0, 0, 0]);
    assert.ok(
      standIn.asked.some((target) => target.includes("%24skip=2")),
      "pages are followed",
    );
    assert.ok(standIn.asked.every((target) => target.includes("api-version=2022-08-01")));
  });

  it("is an API that somebody has opened, and a revision that is not in the definition", async () => {
    const information = "apis/basic-api/apiInformation.json";
    const text = texts.get(information) ?? "";
    texts.set(information, text.replace('"subscriptionRequired": true', '"subscriptionRequired": false'));
    texts.set("apis/basic-api;rev=3/apiInformation.json", text);
    const found = await differences();
    texts.set(information, text);
    texts.delete("apis/basic-api;rev=3/apiInformation.json");
    assert.ok(found.includes(`changed ${information}`), found.join());
    assert.ok(found.includes("extra apis/basic-api;rev=3/apiInformation.json"), found.join());
  });

  it("sends its token to no other place, and shows it to nobody", async () => {
    const other = await ManagementStandIn.start(new Map());
    standIn.elsewhere = other.origin;
    await assert.rejects(differences(), { code: "management-answer", message: /goes on at another place/ });
    standIn.elsewhere = undefined;
    assert.deepEqual(other.asked, []);
    const { url: gone } = other;
    await other.close();
    await assert.rejects(readService(clientOf(gone, "t")), {
      code: "management-unreachable",
      message: /ECONNREFUSED/,
    });
    await assert.rejects(readService(clientOf(standIn.url, "another-token")), (error: Error) => {
      assert.match(error.message, /refused the token \(401\)/);
      assert.doesNotMatch(error.message, /another-token/);
      return true;
    });
    for (const url of ["http://management.example/service/a", "https://a@b.example/", "ftp://a", "here"]) {
      assert.throws(() => clientOf(url, "t"), { code: "management-url" });
    }
  });

  it("gives up after some waiting, and takes no endless answer", async () => {
    waits.length = 0;
    standIn.busy = 100;
    await assert.rejects(differences(), { code: "management-unreachable", message: /it answered 429/ });
    standIn.busy = 0;
    assert.equal(waits.length, 4);
    standIn.padding = 17 * 1024 * 1024;
    await assert.rejects(differences(), { code: "management-answer", message: /has more than 16777216 bytes/ });
    standIn.padding = 0;
  });

  it("is printed as JSON, and the token comes from the environment", async () => {
    const args = ["--management", standIn.url, "--token-env", "MANAGEMENT", "--json"];
    const [found, without] = await Promise.all([drift(args, { MANAGEMENT: standIn.token }), drift(args)]);
    assert.equal(found.code, 1, found.stderr);
    const printed = JSON.parse(found.stdout) as { readonly same: boolean; readonly differences: readonly Drifted[] };
    assert.deepEqual([printed.same, shown(printed.differences)], [false, ["changed apis/wadl-api/specification"]]);
    assert.equal(without.code, 2);
    assert.match(without.stderr, /MANAGEMENT holds no token \(management-token\)/);
  });
});

describe("factsOf", () => {
  it("takes what is written out for what is meant anyway", () => {
    const api = (properties: object): string =>
      JSON.stringify({ properties: { path: "a", displayName: "A", ...properties } });
    const facts = (text: string): readonly unknown[] => [...factsOf(new Map([["apis/a/apiInformation.json", text]]))];
    const written = {
      apiRevision: "1",
      protocols: ["https"],
      type: "http",
      apiVersion: null,
      isCurrent: true,
      serviceUrl: null,
    };
    assert.deepEqual(facts(api(written)), facts(api({ description: "of no concern" })));
    assert.notDeepEqual(facts(api({ protocols: ["http", "https"] })), facts(api({})));
  });

  it("takes a diagnostic for what it tells, and those that others have made for no drift", () => {
    const path = "apis/a/diagnostics/applicationinsights/diagnosticInformation.json";
    const facts = (properties: object): Facts => factsOf(new Map([[path, JSON.stringify({ properties })]]));
    const told = { loggerId: "/loggers/ai", sampling: { samplingType: "fixed", percentage: 50 } };
    const whole = {
      ...told,
      loggerId: "/subscriptions/s/service/c/loggers/ai",
      frontend: { request: { headers: [], body: { bytes: 0 } } },
    };
    assert.deepEqual(compareFacts(facts(told), facts(whole)), []);
    assert.equal(compareFacts(facts(told), facts({ ...whole, sampling: { percentage: 5 } })).length, 1);
    assert.deepEqual(compareFacts(new Map(), facts(told)), []);
    assert.equal(compareFacts(facts(told), new Map())[0]?.kind, "missing");
  });

  it("keeps a document that cannot be read, with what is wrong with it", () => {
    const path = "apis/a/policy.xml";
    const [text = ""] = factsOf(
      new Map([[path, "<policies><inbound><no-such-policy /></inbound></policies>"]]),
    ).values();
    assert.match(text, /^cannot be read: 1:20 there is no policy no-such-policy\n<policies>/);
  });
});
