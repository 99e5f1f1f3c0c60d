import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Argument, Command, Option } from "commander";
import { needsCommand } from "#test/support/require.ts";
import { createProgram } from "#cli/program.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { commandEntries } from "./tree.ts";
import { zshCompletion } from "./zsh.ts";

/** Asked of the shells themselves: what each offers for a line that ends at the cursor. */
describe("completion", () => {
  let folder: string;
  const scripts: Record<string, string> = {};

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-completion-"));
    const entries = commandEntries(await createProgram());
    for (const [shell, make] of Object.entries({ bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion })) {
      scripts[shell] = join(folder, `completion.${shell}`);
      writeFileSync(scripts[shell], make("sallyport", entries));
    }
    writeFileSync(join(folder, "gateway.yaml"), "version: 1\n");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const ask = (shell: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string => {
    const { stdout, stderr, status } = spawnSync(shell, args, {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: folder, TERM: "dumb", ...env },
    });
    assert.equal(status, 0, stderr);
    return stdout;
  };

  const bash = (...words: readonly string[]): readonly string[] => {
    const line = ["sallyport", ...words].map((word) => `'${word}'`).join(" ");
    const script = `source "$0"; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _sallyport; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return ask("bash", ["-c", script, scripts["bash"]!]).split("\n").filter(Boolean);
  };

  const fish = (line: string): readonly string[] =>
    ask("fish", ["--no-config", "-c", "source $argv[1]; complete -C $argv[2]", scripts["fish"]!, line])
      .split("\n")
      .map((offer) => offer.split("\t")[0]!)
      .filter(Boolean);

  it("bash: commands, below a command, options, and what an option takes", needsCommand("bash"), () => {
    assert.deepEqual(bash("aud"), ["audit"]);
    assert.deepEqual(bash("audit", "ver"), ["verify"]);
    assert.ok(bash("audit", "verify", "--").includes("--checkpoint"));
    assert.ok(!bash("audit", "--").includes("--checkpoint"));
    assert.deepEqual(bash("run", "--log-level", "w"), ["warn"]);
    assert.deepEqual(bash("run", "--config", ""), [], "files, by the shell itself");
    assert.deepEqual(bash("run", "--workers", "2", "--log-level", "err"), ["error"]);
  });

  it("fish: the same, with descriptions, and files where files go", needsCommand("fish"), () => {
    assert.deepEqual(fish("sallyport aud"), ["audit"]);
    assert.deepEqual(fish("sallyport audit ver"), ["verify"]);
    assert.ok(fish("sallyport audit verify --").includes("--checkpoint"));
    assert.ok(!fish("sallyport audit --").includes("--checkpoint"));
    assert.ok(fish("sallyport run --log-level ").includes("warn"));
    assert.deepEqual(fish("sallyport run --config gate"), ["gateway.yaml"]);
    assert.deepEqual(fish("sallyport audit gate"), []);
  });

  it("zsh: what it takes over, and the offers of a place", needsCommand("zsh"), () => {
    const script = [
      "compdef() { registered=$1 }",
      "_describe() { print -rl -- ${(P)2} }",
      "_files() { print files }",
      'source "$1"; print -r -- "$registered"',
      "words=(${(s: :)2}); [[ $2 == *' ' ]] && words+=('')",
      "CURRENT=${#words}; _sallyport",
    ].join("\n");
    const zsh = (line: string): readonly string[] =>
      ask("zsh", ["-f", "-c", script, "zsh", scripts["zsh"]!, line]).split("\n").filter(Boolean);
    assert.ok(zsh("sallyport ").some((line) => line.startsWith("audit:")));
    assert.equal(zsh("sallyport ")[0], "_sallyport");
    assert.ok(zsh("sallyport audit verify ").some((line) => line.startsWith("--checkpoint:")));
    assert.deepEqual(zsh("sallyport run --config ").slice(1), ["files"]);
  });

  it("quotes what would mean something to a shell", () => {
    const odd = new Command("odd").description('it\'s \\ a `$(test)` : "of" quotes');
    odd.addOption(new Option("--level <level>", "don't").choices(["a", "b"])).addArgument(new Argument("<file>"));
    const entries = commandEntries(new Command("sallyport").addCommand(odd));
    for (const [shell, text] of [
      ["bash", bashCompletion("sallyport", entries)],
      ["zsh", zshCompletion("sallyport", entries)],
      ["fish", fishCompletion("sallyport", entries)],
    ] as const) {
      if (spawnSync(shell, ["--version"]).error !== undefined) continue;
      const file = join(folder, `odd.${shell}`);
      writeFileSync(file, text);
      const { status, stderr } = spawnSync(shell, ["-n", file], { encoding: "utf8" });
      assert.equal(status, 0, `${shell}: ${stderr}`);
    }
  });
});
