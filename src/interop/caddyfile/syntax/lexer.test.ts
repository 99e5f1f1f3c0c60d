import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fillEnvironment } from "./environment.ts";
import { lex } from "./lexer.ts";
import { CaddyfileError } from "./token.ts";

const words = (source: string): readonly string[] => lex(source, "Caddyfile").map(({ text }) => text);

describe("words of a Caddyfile", () => {
  it("are split at white space, comments left out", () => {
    assert.deepEqual(words("a b#c # d\n e"), ["a", "b#c", "e"]);
  });

  it("in quotes hold white space and line ends; only a quote is escaped", () => {
    assert.deepEqual(words('"a \\"b\\" \\n" `c "d\n` e'), ['a "b" \\n', 'c "d\n', "e"]);
  });

  it("know their line behind quotes, heredocs and joined lines", () => {
    const tokens = lex('"a\nb" c\nd \\\n e\nf <<X\n 1\n 2\n X g\nh', "Caddyfile");
    assert.deepEqual(
      tokens.map(({ text, line, first }) => [text, line, first]),
      [
        ["a\nb", 1, true],
        ["c", 2, false],
        ["d", 3, true],
        ["e", 4, false],
        ["f", 5, true],
        ["1\n2", 5, false],
        ["g", 8, false],
        ["h", 9, true],
      ],
    );
  });

  it("of a heredoc need a marker and its white space", () => {
    assert.throws(() => words("a <<E!\n b\nE!"), CaddyfileError);
    assert.throws(() => words("a <<E\nb\n  E"), CaddyfileError);
    assert.throws(() => words("a <<E\nb"), CaddyfileError);
  });

  it("get variables of the environment before anything else", () => {
    assert.equal(fillEnvironment("{$A} {$B:x y} {$C}", { A: "1", C: "" }), "1 x y ");
  });
});
