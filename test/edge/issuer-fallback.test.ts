import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { CertificateRow } from "#admin/certificate-row.ts";
import { askAdmin } from "#test/support/admin.ts";
import { runCli, type TestGateway } from "#test/support/gateway.ts";
import { type Pebble, startPebble } from "#test/support/pebble.ts";
import { needsCommand } from "#test/support/require.ts";
import {
  closeSite,
  definitionOf,
  openSite,
  rowWhen,
  type Site,
  type SiteOptions,
  start,
  visitUntil,
} from "./https-site.ts";

/** Two authorities that come to the same ports to validate; the first issues nothing for these names. */
describe("the next issuer, where the first gives no certificate", needsCommand("pebble"), () => {
  let first: Pebble;
  let site: Site;
  let gateway: TestGateway;

  const optionsFor = (...hosts: string[]): SiteOptions => ({
    hosts,
    issuers: `[{ directory: "${first.directory}", ca: first.crt }, { directory: "${site.pebble.directory}", ca: pebble.crt }]`,
    files: { "first.crt": first.root },
  });
  const issuedRow = (name: string): Promise<CertificateRow> =>
    rowWhen(gateway, ({ names, state }) => names[0] === name && state === "valid");
  const firstName = (): string => new URL(first.directory).host;

  before(async () => {
    site = await openSite();
    first = await startPebble({ httpPort: site.httpPort, tlsPort: site.tlsPort, blocked: ["sally.org"] });
    gateway = await start(site, optionsFor("api.sally.org"));
  });
  after(async () => {
    await gateway?.cleanUp();
    await first?.stop();
    await closeSite(site);
  });

  it("issues when the first refuses, and what the first has said is shown, counted and logged", async () => {
    await visitUntil(gateway, "api.sally.org", await site.pebble.issuingRoot());
    const row = await issuedRow("api.sally.org");
    assert.equal(row.problem, null);
    const [refusal, ...others] = row.passedOver;
    assert.deepEqual([refusal?.issuer, refusal?.type, others.length], [firstName(), "rejectedIdentifier", 0]);
    assert.match(
      refusal?.text ?? "",
      /^making an order: .*forbidden by policy: "api\.sally\.org" \(rejectedIdentifier\)$/,
    );
    const { code, stdout } = await runCli(["certificates", "--data", gateway.data]);
    assert.equal(code, 0, "visitors see no harm");
    assert.match(
      stdout,
      /\napi\.sally\.org: the try at \S+ \S+ with 127\S+ gave none, and the next issuer was asked:\n {2}making an order: .*policy/,
    );
    assert.match(gateway.output(), /an authority gave no certificate.*api\.sally\.org.*forbidden by policy/);
    const { text } = await askAdmin(gateway, "GET /metrics");
    const failures = text
      .split("\n")
      .filter((line) => line.startsWith("sallyport_certificate_renewal_failures_total{"));
    const labels = `name="api.sally.org",issuer="${firstName()}"`;
    assert.deepEqual(failures, [`sallyport_certificate_renewal_failures_total{${labels}} 1`]);
  });

  it("issues when the first is down, and says so", async () => {
    await first.halt();
    writeFileSync(
      join(gateway.folder, "sallyport.yaml"),
      definitionOf(site, optionsFor("api.sally.org", "b.sally.org")),
    );
    await visitUntil(gateway, "b.sally.org", await site.pebble.issuingRoot());
    const { passedOver } = await issuedRow("b.sally.org");
    assert.deepEqual(
      passedOver.map(({ issuer, type, text }) => [issuer, type, /cannot be reached/.test(text)]),
      [[firstName(), "", true]],
    );
  });
});
