import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort, startUpstream } from "./site.ts";
import { quantile } from "./statistics.ts";
import { helpIfAsked } from "./usage.ts";

/**
 * Milliseconds from the start of the program, as the package has it, to the first request that it has answered, with the
 * disk and what the runtime has compiled warm: the first turn does not count.
 */
helpIfAsked(
  "bench:start",
  "Milliseconds from the start of the packaged program to its first answer.",
  [["--rounds N", "starts that count (15)"]],
  "Examples:\n  npm run bench:start\n  npm run bench:start -- --rounds 31",
);
const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "15" } } });
const [must, goal] = [600, 300];
const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-"));

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    get({ host: "127.0.0.1", port, path: "/bare" }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).once("error", () => resolve(false));
  });
}

async function turn(program: string, upstreamPort: number): Promise<number> {
  const port = await freePort();
  const own = mkdtempSync(join(folder, "turn-"));
  const file = join(own, "sallyport.yaml");
  writeFileSync(
    file,
    `version: 1
edge: { https: off, listen: { http: "127.0.0.1:${port}" } }
apis: { bare: { path: /bare, backend: upstream, access: public } }
backends: { upstream: { url: "http://127.0.0.1:${upstreamPort}" } }
`,
  );
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, "compiled"), XDG_CONFIG_HOME: own };
  const args = [
    "--disable-warning=ExperimentalWarning",
    program,
    "run",
    "--config",
    file,
    "--data",
    join(own, "data"),
    "--log-level",
    "warn",
  ];
  const began = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"], env });
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}`);
    await sleep(2);
  }
  const took = performance.now() - began;
  await ended(child);
  return took;
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await exit;
}

const upstreamPort = await freePort();
const upstream = await startUpstream(folder, upstreamPort);
try {
  const maker = join(import.meta.dirname, "..", "packaging", "npm", "test-program.ts");
  const program = execFileSync(process.execPath, [maker], { encoding: "utf8" });
  await turn(program, upstreamPort);
  const taken: number[] = [];
  for (let round = 0; round < Number(options.rounds); round += 1) taken.push(await turn(program, upstreamPort));
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => Math.round(quantile(taken, share)));
  process.stdout.write(`start to the first answer: ${middle} ms (${low} to ${high}); must ${must}, goal ${goal}\n`);
} finally {
  await upstream.stop();
  rmSync(folder, { recursive: true, force: true });
}
