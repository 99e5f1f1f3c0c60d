import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "./require.ts";

/** A gateway in a process of its own, started the way a user starts it. */
export interface TestGateway {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly data: string;
  readonly ca: string;
  readonly process: ChildProcess;
  /** What it has printed so far. */
  output(): string;
  /** SIGTERM, then waits for the end. @returns the exit code */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
  cleanUp(): Promise<void>;
}

export interface TestGatewayOptions {
  /** Text of sallyport.yaml. */
  readonly definition: string;
  /** More files beside it. */
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Reuse a folder of an earlier run. */
  readonly folder?: string;
  /** Default: {@link cli}. */
  readonly program?: string;
}

const readyLine = /sallyport ready (?:(https?):\/\/localhost:(\d+)|unix:)/;

/** The program by its modules, for tests that reach into them. */
export const modularCli: string = join(root, "src", "cli", "main.ts");

/** In a whole run the program as the package has it, which comes up in less than half the time. */
export const cli: string = process.env["SALLYPORT_TEST_PROGRAM"] ?? modularCli;

/** Where gateways find or make their key-encryption key: not in the home of whoever runs the tests. */
const configFolder = mkdtempSync(join(tmpdir(), "sallyport-config-"));
process.env["XDG_CONFIG_HOME"] = configFolder;
process.once("exit", () => rmSync(configFolder, { recursive: true, force: true }));

export async function startTestGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "sallyport-test-"));
  writeFileSync(join(folder, "sallyport.yaml"), options.definition);
  for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(join(folder, name), text);
  const data = join(folder, "data");
  const args = ["run", "--config", join(folder, "sallyport.yaml"), "--data", data, ...(options.args ?? [])];
  return ready(spawnCli(options.program ?? cli, args, options.env ?? {}), folder, data);
}

export function spawnCli(
  entry: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stdin: "ignore" | "pipe" = "ignore",
): ChildProcess {
  return spawn(process.execPath, [entry, ...args], {
    stdio: [stdin, "pipe", "pipe"],
    env: { ...process.env, ...env },
    cwd: root,
  });
}

/** Waits for the ready line. @throws Error with all that was printed when the process ends before */
export async function ready(child: ChildProcess, folder: string, data: string): Promise<TestGateway> {
  let text = "";
  const keep = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const exit = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  for (let tries = 0; !readyLine.test(text); tries += 1) {
    if (child.exitCode !== null || child.signalCode !== null || tries > 1200) {
      child.kill("SIGKILL");
      throw new Error(`the gateway did not get ready:\n${text}`);
    }
    await sleep(50);
  }
  // Without a port there is a socket only, which the test has named itself.
  const [, scheme = "http", port = "0"] = readyLine.exec(text) ?? [];
  const stop = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return exit;
  };
  return {
    url: `${scheme}://localhost:${port}`,
    port: Number(port),
    folder,
    data,
    ca: scheme === "https" ? readFileSync(join(data, "ca", "root.crt"), "utf8") : "",
    process: child,
    output: () => text,
    stop: () => stop("SIGTERM"),
    kill: async () => void (await stop("SIGKILL")),
    cleanUp: async () => {
      await stop("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command of the command line to its end. */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  entry: string = cli,
  stdin: string | null = null,
): Promise<CliResult> {
  const child = spawnCli(entry, args, env, stdin === null ? "ignore" : "pipe");
  child.stdin?.end(stdin);
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}
