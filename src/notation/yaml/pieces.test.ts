import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isCollection, isMap, isPair, isScalar } from "yaml";
import { Problems } from "#notation/problems.ts";
import { parseYaml } from "./parse.ts";
import { YamlPieces } from "./pieces.ts";
import type { YamlFile } from "./yaml-file.ts";

const root = join(import.meta.dirname, "../../..");

/** All that a reader of the definition can see of a node. */
function seen(node: unknown): unknown {
  if (isPair(node)) return [seen(node.key), seen(node.value)];
  if (isScalar(node)) return [node.value, node.source, node.type, node.range?.slice(0, 2)];
  if (!isCollection(node)) return node === null ? null : String(node);
  return [isMap(node), node.flow === true, node.range?.[0], ...node.items.map(seen)];
}

function outcomeOf(text: string, pieces?: YamlPieces): unknown {
  const problems = new Problems();
  pieces?.begin();
  const file = parseYaml("f.yaml", text, problems, pieces);
  const places = file === null ? [] : placesOf(file);
  return [file && seen(file.root(new Problems()).node), problems.sorted(), places];
}

function placesOf(file: YamlFile): unknown {
  return Array.from({ length: 60 }, (_, at) => file.at(Math.floor((at * (file.text.length + 3)) / 59)));
}

function assertSame(texts: readonly string[]): void {
  const pieces = new YamlPieces();
  for (const text of texts) assert.deepEqual(outcomeOf(text, pieces), outcomeOf(text), text);
}

/** The same seed draws the same numbers. */
function diceOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const scraps = [
  "\n",
  " ",
  "  ",
  "\t",
  ":",
  ": ",
  "#",
  " #",
  "'",
  '"',
  "{",
  "}",
  "[",
  "]",
  "- ",
  "&a ",
  "*a",
  "|",
  ">",
  "---\n",
  "? ",
  "x:",
  "\r",
  "%",
];

function changed(text: string, dice: (below: number) => number): string {
  const lines = text.split("\n");
  const line = dice(lines.length);
  const other = dice(lines.length);
  const way = dice(5);
  if (way === 0) lines.splice(line, 1 + dice(3));
  else if (way === 1) lines.splice(line, 0, lines[other] ?? "");
  else if (way === 2) lines[line] = `${" ".repeat(dice(5))}${(lines[line] ?? "").trimStart()}`;
  else {
    const at = dice(text.length);
    return text.slice(0, at) + scraps[dice(scraps.length)] + text.slice(at + dice(3));
  }
  return lines.join("\n");
}

/** An API of many operations, each of several lines. */
function large(count: number, first = 0): string {
  const operations = Array.from(
    { length: count },
    (_, at) =>
      `      op${first + at}:\n        # number ${at}\n        method: GET\n        path: "/p${at}/{id}"\n        tags:\n        - a\n`,
  );
  return `apis:\n  one:\n    path: /one\n\n    operations:\n${operations.join("")}  two: { path: /two }\n`;
}

const tricky = [
  "",
  "# nothing\n",
  "a: 1",
  "a: 1\n\n\n",
  "a:\nb:\n",
  "a:\n- 1\n- b: 2\n  c: 3\nb: 1\n",
  "a: |\n  x: 1\n\n  y: 2\n\n\nb: |+\n  keep\n\n\n# end\nc: >-\n  folded\n  text\n",
  "a: \"two\n  lines: x\n  more\"\nb: 'it''s\n  fine'\n",
  'a: "unclosed\nb: 1\n',
  'a: "two\nb: 1"\n',
  "a: { b: 1,\nc: 2 }\n",
  "a: { b: 1,\n  c: 2\n}\nd: 1\n",
  "a: [ 1,\n  2 ]\nb: plain\n  goes: on\n",
  "a: plain\n  goes on\nb: 1\n",
  "a: &x { b: 1 }\nc: *x\n",
  "a: &x 1\nb: 2\n",
  "a: !tag 1\nb: !!str 2\n",
  "a: 1\na: 2\n",
  "a: 1\n--- \nb: 2\n",
  "---\na: 1\n",
  "a: 1\n...\n",
  "%YAML 1.2\n---\na: 1\n",
  "\ufeffa: 1\nb: 2\n",
  "a: 1\r\nb: 2\r\n",
  "  a: 1\n  b:\n    c: 2\n   # less\n    d: 3\n",
  "  a: 1\n b: 2\n",
  "a:\n  b: 1\n c: 2\n",
  "a:\n\tb: 1\n",
  "a: 1\n\tb: 2\n",
  "a: 1 # c\n# d\n  # e\nb: 2\n",
  "1: a\n2: b\n1: c\n",
  "a: {{name}}\n",
  "? a\n: 1\nb: 2\n",
  '"a": 1\nb: 2\n',
  "a:1\nb: 2\n",
  "a: 1\nb\n",
  "/p/{id}: 1\n_x: 2\n",
  "{ a: 1 }\n",
  "- a\n- b\n",
  "a: |1\n  x\n b\nc: 1\n",
  "null: 1\n~: 2\ntrue: 3\n",
];

describe("YAML in pieces", () => {
  it("is what it is as a whole, however it is written", () => {
    assertSame([...tricky, ...tricky.toReversed()]);
    for (const text of tricky)
      assertSame([
        `top:\n${text.replaceAll(/^(?=.)/gm, "  ")}`,
        large(40).replace("  two: { path: /two }\n", text.replaceAll(/^(?=.)/gm, "  ")),
      ]);
  });

  it("is what it is as a whole for what stands in this repository", () => {
    const read = (file: string): string => readFileSync(join(root, file), "utf8");
    const pages = globSync(["README.md", "docs/**/*.md"], { cwd: root }).map(read);
    const examples = pages.flatMap((page) => [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text ?? ""));
    assert.ok(examples.length > 50, `${examples.length} examples`);
    const texts = [...globSync("demo/**/*.yaml", { cwd: root }).map(read), ...examples];
    assertSame([...texts, ...texts]);
  });

  it("is what it is as a whole after any change of a few characters or lines", () => {
    const dice = diceOf(7);
    const demo = readFileSync(join(root, "demo/sallyport.yaml"), "utf8");
    const bases = [demo, large(12), large(300), ...tricky];
    const pieces = new YamlPieces();
    let joined = 0;
    for (let round = 0; round < 400; round += 1) {
      let text = bases[dice(bases.length)] as string;
      for (let times = dice(3); times >= 0; times -= 1) text = changed(text, dice);
      assert.deepEqual(outcomeOf(text, pieces), outcomeOf(text), `round ${round}: ${text}`);
      if (new YamlPieces().parse(text) !== undefined) joined += 1;
    }
    assert.ok(joined > 50 && joined < 350, `${joined} of 400 were put together`);
  });

  it("takes over what has not changed, where it stands now", () => {
    const pieces = new YamlPieces();
    const texts = [large(400), `# more\nedge: {}\n${large(400)}`, large(401, 3), large(200), large(400)];
    for (const text of texts) assert.deepEqual(outcomeOf(text, pieces), outcomeOf(text));
    const before = pieces.parsed;
    outcomeOf(`# a line more\n${large(400)}`, pieces);
    assert.equal(pieces.parsed, before);
    outcomeOf(large(400).replace("/p200/", "/other/"), pieces);
    assert.equal(pieces.parsed, before + 1);
    // A line more moves all that follows, and the pieces behind the next border stay what they are.
    outcomeOf(large(400).replace("      op200:", "      more: { method: GET, path: /more }\n      op200:"), pieces);
    assert.ok(pieces.parsed - before < 8, `${pieces.parsed - before} parsed of ${before}`);
  });
});
