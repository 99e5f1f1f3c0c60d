import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { codes, loadText } from "./fixture.test-helper.ts";

const definition = (pool: string, more = ""): string => `version: 1
apis: { a: { path: /a, backend: pool, access: public } }
backends:
  pool: ${pool}
  one: { url: "http://127.0.0.1:9001" }
  many: { urls: ["http://127.0.0.1:9002", "http://127.0.0.1:9003"] }
${more}`;

describe("targets that are backends", () => {
  it("have their URL", async () => {
    const { definition: loaded } = await loadText(
      definition('{ targets: [{ backend: one, weight: 3 }, "http://b:80"] }'),
    );
    const [pool] = loaded?.backends ?? [];
    assert.deepEqual(pool?.targets, [
      { url: "http://127.0.0.1:9001", weight: 3, priority: 1, backend: "one" },
      { url: "http://b", weight: 1, priority: 1 },
    ]);
  });

  it("are one place each, and what holds for the pool is said of both alike", async () => {
    for (const [pool, code, more] of [
      ["{ targets: [{ backend: ohne }] }", "reference-unknown 4:32"],
      ["{ targets: [{ backend: many }] }", "value-invalid 4:32"],
      ["{ targets: [{ backend: one, url: 'http://b' }] }", "value-invalid 4:32"],
      ["{ targets: [{ weight: 2 }] }", "value-invalid 4:20"],
      ["{ targets: [{ backend: two }] }", "value-invalid 4:3", "  two: { url: 'http://b', authorization: none }\n"],
      [
        "{ authorization: none, targets: [{ backend: two }] }",
        undefined,
        "  two: { url: 'http://b', authorization: none }\n",
      ],
    ] as const) {
      assert.deepEqual(codes(await loadText(definition(pool, more))), code === undefined ? [] : [code], pool);
    }
  });
});
