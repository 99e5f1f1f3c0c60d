import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CertificateProblem, CertificateRow } from "#admin/certificate-row.ts";
import { prometheusText } from "#admin/metrics/exposition.ts";
import { MetricRegistry } from "#admin/metrics/registry.ts";
import { certificateMetrics } from "./certificate-metrics.ts";

const row: CertificateRow = {
  names: ["a.example"],
  source: "acme",
  issuer: "R11",
  serial: "01",
  notBefore: "2025-12-01T00:00:00.000Z",
  notAfter: "2026-03-01T00:00:00.000Z",
  renewal: null,
  state: "valid",
  problem: null,
  passedOver: [],
  nextTry: null,
  ocsp: null,
};
const problem: CertificateProblem = {
  at: "2026-02-01T00:00:00.000Z",
  issuer: "le",
  challenge: "http-01",
  type: "rateLimited",
  text: 'too many certificates for "a.example"',
};

async function linesOf(rows: readonly CertificateRow[]): Promise<readonly string[]> {
  const registry = new MetricRegistry();
  registry.collect(certificateMetrics(() => rows));
  return (await registry.text(prometheusText)).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

describe("metrics of certificates", () => {
  it("say when each name's expires, in seconds", async () => {
    assert.deepEqual(await linesOf([{ ...row, names: ["a.example", "b.example"] }]), [
      'sallyport_certificate_not_after_timestamp_seconds{name="a.example",source="acme"} 1772323200',
      'sallyport_certificate_not_after_timestamp_seconds{name="b.example",source="acme"} 1772323200',
      'sallyport_certificate_state{name="a.example",state="valid"} 1',
      'sallyport_certificate_state{name="b.example",state="valid"} 1',
    ]);
  });

  it("say what kind of failure there was, and when the next try is", async () => {
    const failing: CertificateRow = {
      ...row,
      notAfter: null,
      state: "failing",
      problem,
      nextTry: "2026-02-01T00:01:00.000Z",
    };
    assert.deepEqual(await linesOf([failing]), [
      'sallyport_certificate_state{name="a.example",state="failing"} 1',
      'sallyport_certificate_last_error{name="a.example",kind="rateLimited"} 1',
      'sallyport_certificate_next_try_timestamp_seconds{name="a.example"} 1769904060',
    ]);
  });

  for (const [type, kind] of [
    ["", "unavailable"],
    ["a type of the authority's own", "other"],
    ["__proto__", "other"],
  ] as const) {
    it(`never make a label of what an authority writes: "${type}" is ${kind}`, async () => {
      const lines = await linesOf([{ ...row, problem: { ...problem, type } }]);
      assert.ok(lines.includes(`sallyport_certificate_last_error{name="a.example",kind="${kind}"} 1`));
    });
  }
});
