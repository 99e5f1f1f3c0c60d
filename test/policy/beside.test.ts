import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "../..");
const suites = [
  "src/policy/policies/xml-to-json.test.ts",
  "src/policy/policies/json-to-xml.test.ts",
  "src/policy/validation/validation.test.ts",
  "src/policy/policies/validate-graphql-request.test.ts",
  "test/golden/policies.test.ts",
];

it("bodies are what they are on the worker when the threads beside it do the work", { timeout: 60_000 }, async () => {
  const beside = join(import.meta.dirname, "beside.ts");
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = ["--test", "--test-isolation=none", "--test-reporter=tap", "--import", beside, ...suites];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env, maxBuffer: 2 ** 26 }).catch(
    (error: { readonly stdout: string }) => error,
  );
  assert.deepEqual(
    stdout.split("\n").filter((line) => line.trim().startsWith("not ok")),
    [],
  );
  assert.match(stdout, /^# pass (?:[4-9]\d\d)$/m);
  assert.match(stdout, /^# fail 0$/m);
});
