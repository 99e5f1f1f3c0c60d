import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { loadText } from "./fixture.test-helper.ts";

const seedText: string = readFileSync(join(import.meta.dirname, "..", "..", "demo", "sallyport.yaml"), "utf8");
const pieces: readonly string[] = [
  "{{",
  "}}",
  "${",
  "[",
  "]",
  "{",
  "}",
  ": ",
  "- ",
  "*a",
  "&a ",
  "!!set ",
  "\n",
  "\t",
  '"',
  "'",
  "null",
  "-1",
  "\u0000",
  "é",
  "|",
  "? ",
  "<<: ",
  "#",
];

/** Small and repeatable. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutate(text: string, random: (below: number) => number): string {
  let result = text;
  for (let count = 1 + random(4); count > 0; count -= 1) {
    const at = random(result.length);
    const piece = pieces[random(pieces.length)] ?? "";
    const dropped = random(3) === 0 ? random(40) : 0;
    result = result.slice(0, at) + piece + result.slice(at + dropped);
  }
  return result;
}

it("never throws, whatever the text is", async () => {
  let refused = 0;
  for (let seed = 1; seed <= 400; seed += 1) {
    const text = mutate(seedText, randomOf(seed));
    const openapi = mutate("openapi: 3.1.0\npaths: { /: { get: { responses: {} } } }\n", randomOf(seed + 1000));
    const { definition, diagnostics } = await loadText(text, { files: { "orders.openapi.yaml": openapi } });
    if (definition === null) refused += 1;
    assert.equal(
      definition === null,
      diagnostics.some(({ severity }) => severity === "error"),
      `seed ${seed}`,
    );
  }
  assert.ok(refused > 100);
});
