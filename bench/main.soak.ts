import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { installed } from "./peers.ts";

const required = process.env["SALLYPORT_REQUIRE"] === "all";
const skip = required || (installed("nginx") && installed("openssl")) ? false : "nginx or openssl is not installed";
const main = join(import.meta.dirname, "main.ts");
/** As little as it can be: this tests that the bench works, and measures nothing. */
const tiny = ["--rounds", "1", "--seconds", "0.1", "--warm-up", "0", "--settle", "0", "--connections", "2"];

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

function start(args: readonly string[], temporary: string): ChildProcess {
  const env = { ...process.env, TMPDIR: temporary };
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...args], { env });
}

async function ended(child: ChildProcess): Promise<Ended> {
  const texts = { out: "", errors: "" };
  child.stdout?.on("data", (chunk: Buffer) => (texts.out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (texts.errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, ...texts };
}

/** Runs `body` with a folder in which the bench has its temporary files, and one for its results. */
async function inFolder(body: (temporary: string, results: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-test-"));
  const [temporary, results] = [join(folder, "tmp"), join(folder, "results")];
  mkdirSync(temporary);
  // nginx drops its rights, and reads a file in there with what is left.
  chmodSync(folder, 0o755);
  try {
    await body(temporary, results);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("npm run bench", () => {
  it("measures cases, judges them, and leaves nothing behind", { skip }, () =>
    inFolder(async (temporary, results) => {
      const json = join(results, "it.json");
      const args = ["--case", "path,tail", "--only", "nginx,sallyport", "--json", json, ...tiny];
      const { code, out, errors } = await ended(start(args, temporary));
      assert.equal(code, 0, errors);
      assert.match(out, /\| case +\| what +\| measured +\| quartiles +\| must +\| goal +\| verdict +\|/);
      assert.match(out, /\| path +\| whole policy path ÷ nginx bare +\| [\d.]+ +\| .*\| ≤ 2\.2 +\| ≤ 1\.5 +\|/);
      const { rows, measured } = JSON.parse(readFileSync(json, "utf8")) as {
        readonly rows: readonly { readonly key: string; readonly rounds: readonly number[] }[];
        readonly measured: readonly { readonly what: string; readonly value: number }[];
      };
      assert.deepEqual(
        rows.map(({ key, rounds }) => [key, rounds.length]),
        [
          ["nginx:bare", 1],
          ["sallyport:whole", 1],
          ["sallyport:bare", 1],
        ],
      );
      assert.deepEqual(
        measured.map(({ what, value }) => [what, value > 0]),
        [
          ["whole policy path ÷ nginx bare", true],
          ["bare ÷ nginx bare", true],
          ["p99 at half of saturation ÷ nginx's", true],
          ["p50 there ÷ nginx's", true],
        ],
      );
      assert.deepEqual(readdirSync(temporary), []);
    }),
  );

  it("measures large bodies, routes by the thousand and idle connections", { skip }, () =>
    inFolder(async (temporary, results) => {
      const json = join(results, "it.json");
      const only = "nginx,sallyport:down,sallyport:up,sallyport:few,sallyport:many-routes,sallyport:idle";
      const args = ["--case", "bodies,scale,idle", "--only", only, "--idle", "40", "--json", json, ...tiny];
      const { code, errors } = await ended(start(args, temporary));
      assert.equal(code, 0, errors);
      const { rows, measured } = JSON.parse(readFileSync(json, "utf8")) as {
        readonly rows: readonly { readonly key: string }[];
        readonly measured: readonly { readonly what: string; readonly value: number }[];
      };
      const keys = [
        "nginx:down",
        "sallyport:down",
        "nginx:up",
        "sallyport:up",
        "sallyport:few",
        "sallyport:many-routes",
      ];
      assert.deepEqual(
        rows.map(({ key }) => key),
        keys,
      );
      assert.deepEqual(
        measured.map(({ what }) => what),
        [
          "MB per CPU second of 10 MB down ÷ nginx bare",
          "MB per CPU second of 10 MB down, nginx",
          "MB per CPU second of 10 MB down",
          "MB per CPU second of 10 MB up ÷ nginx bare",
          "MB per CPU second of 10 MB up, nginx",
          "MB per CPU second of 10 MB up",
          "10,000 routes in turn ÷ 10",
          "memory of an idle TLS connection",
        ],
      );
      assert.ok(measured.every(({ value }) => Number.isFinite(value)));
      assert.deepEqual(readdirSync(temporary), []);
    }),
  );

  it("ends what it has started when it is interrupted", { skip }, () =>
    inFolder(async (temporary) => {
      const child = start(["--case", "path", "--only", "nginx", "--warm-up", "60"], temporary);
      const end = ended(child);
      child.stderr?.on("data", (chunk: Buffer) => {
        if (chunk.includes("warming up: nginx:bare")) child.kill("SIGINT");
      });
      const { code, errors } = await end;
      assert.equal(code, 130, errors);
      assert.deepEqual(readdirSync(temporary), []);
      assert.deepEqual(processesNaming(temporary), []);
    }),
  );

  it("says which cases there are", async () => {
    const { code, errors } = await ended(start(["--case", "htp2"], tmpdir()));
    assert.equal(code, 2);
    assert.match(errors, /there is no htp2; one of path, http2,/);
    assert.match(errors, /^ {2}http2 +HTTP\/2, eight connections of 32 streams$/m);
  });
});

/** Command lines that hold the text. */
function processesNaming(text: string): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    })
    .filter((line) => line.includes(text));
}
