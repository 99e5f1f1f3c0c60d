import assert from "node:assert/strict";
import { it } from "node:test";
import { findingsJunit } from "#cli/findings/junit.ts";
import { driftFindings } from "./drift-findings.ts";

const time = "2026-11-27T00:00:00.000Z";

it("what differs in API Management has failed, each thing by itself, and nothing differing has passed", () => {
  const product = {
    path: "products/one/productInformation.json",
    kind: "changed",
    expected: "a",
    actual: "b",
  } as const;
  const policy = { path: "policy.xml", kind: "missing", expected: "x".repeat(9999), actual: null } as const;
  const { findings } = driftFindings([product, policy], "folder", time);
  assert.deepEqual(
    findings.map(({ group, name, state, code, detail }) => [group, name, state, code, detail]),
    [
      ["products/one", product.path, "failed", "drift-changed", "it is another there\ndeclared: a\nthere: b"],
      ["policy.xml", "policy.xml", "failed", "drift-missing", "the definition has it, and it is not there"],
    ],
  );
  assert.match(
    findingsJunit(driftFindings([], "folder", time)),
    /<testsuites name="sallyport drift" tests="1" failures="0"/,
  );
  const long = driftFindings([{ ...product, actual: "y".repeat(9999) }], "folder", time);
  assert.ok((long.findings[0]?.detail.length ?? Infinity) < 1000);
});
