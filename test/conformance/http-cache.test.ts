import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Agent } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { everything, root } from "#test/support/require.ts";
import { deviations } from "./cache-deviations.ts";
import { type CacheSuiteOrigin, fetchCacheSuite, loadSuite, type SuiteResult, startOrigin } from "./cache-suite.ts";
import { plainFetch } from "./plain-fetch.ts";

const suite = fetchCacheSuite();
const skip = typeof suite === "string" && !everything ? { skip: suite } : {};

/** Every test of the public suite for HTTP caches, through a gateway with two workers. */
describe("HTTP caching by RFC 9111, as the public suite sees it", skip, () => {
  let origin: CacheSuiteOrigin;
  let gateway: TestGateway;
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const results = new Map<string, SuiteResult>();
  const kinds = new Map<string, string>();

  before(async () => {
    if (typeof suite === "string") throw new Error(suite);
    origin = await startOrigin(suite);
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
policies:
  inbound: [{ cache-lookup: { semantics: http } }]
  outbound: [{ cache-store: 0s }]
apis: { all: { path: /, backend: up, access: public } }
backends: { up: { url: "${origin.url}" } }
`,
      args: ["--workers", "2"],
    });
    const { tests, runTests, getResults } = await loadSuite(suite);
    const fetch = plainFetch(agent);
    // What is stored is seen by the other worker a moment later; the suite asks again at once.
    const unhurried = async (...request: Parameters<typeof fetch>): Promise<unknown> => {
      const response = await fetch(...request);
      await sleep(150);
      return response;
    };
    await runTests(tests, unhurried as never, false, gateway.url);
    for (const [id, result] of Object.entries(getResults())) results.set(id, result);
    for (const { id, kind } of tests.flatMap((group) => group.tests)) kinds.set(id, kind ?? "required");
  });
  after(async () => {
    agent.destroy();
    await gateway?.cleanUp();
    await origin?.stop();
    if (typeof suite !== "string") suite.remove();
  });

  it("passes every test that is not in the list of deviations, and none that is", (t) => {
    const listed = new Set(deviations.flatMap(({ ids }) => ids));
    const failed = [...results].filter(([, result]) => result !== true);
    const surprises = failed.filter(([id]) => !listed.has(id)).map(([id, result]) => `${id}: ${String(result)}`);
    assert.deepEqual(surprises, []);
    assert.deepEqual(
      [...listed].filter((id) => results.get(id) === true || !results.has(id)),
      [],
      "listed, but it passes or is not there",
    );
    t.diagnostic(`${results.size - failed.length} of ${results.size} pass`);
    assert.equal(results.size, 329);
  });

  it("is what the page says", () => {
    const page = readFileSync(join(root, "docs/howto/caching.md"), "utf8");
    for (const kind of ["required", "optimal", "check"]) {
      const ids = [...results.keys()].filter((id) => kinds.get(id) === kind);
      const passed = ids.filter((id) => results.get(id) === true).length;
      assert.match(page, new RegExp(`\\| ${kind} +\\| ${passed} of ${ids.length} +\\|`), `${passed} of ${ids.length}`);
    }
    for (const { why, ids } of deviations) {
      assert.ok(page.includes(`- ${why}`), why);
      for (const id of ids) assert.ok(page.includes(`\`${id}\``), id);
    }
  });
});
