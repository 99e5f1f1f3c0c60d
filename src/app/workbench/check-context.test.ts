import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contextProblems } from "./check-context.ts";
import { contextSchema } from "./context-schema.ts";

const problems = (value: unknown): readonly string[] => contextProblems(value, contextSchema);

describe("the context of a run", () => {
  it("may be empty, and hold what the schema says", () => {
    assert.deepEqual(problems({}), []);
    assert.deepEqual(
      problems({ variables: { a: 1, b: "c", d: true }, backend: [{ status: 200 }, { error: "timeout" }] }),
      [],
    );
    assert.deepEqual(problems({ backend: { json: { anything: [null] } }, calls: [{ url: "https://*" }] }), []);
  });

  for (const [value, says] of [
    [[], "$: object is due"],
    [{ bakend: {} }, "$: there is no bakend here; write backend"],
    [{ backend: { stats: 1 } }, "$.backend: there is no stats here; write status"],
    [{ backend: [{ status: 99 }] }, "$.backend[0].status: a number from 100 to 599 is due"],
    [{ variables: { a: null } }, "$.variables.a: string or number or boolean is due"],
    [{ operation: { method: "GET" } }, "$.operation: template is missing"],
    [{ scope: "workspace" }, "$.scope: one of global, product, api, operation is due"],
    [{ seed: 1.5 }, "$.seed: integer is due"],
  ] as const) {
    it(`is refused where it is not: ${JSON.stringify(value)}`, () => assert.deepEqual(problems(value), [says]));
  }
});
