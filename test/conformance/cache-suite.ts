import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { freePorts } from "#test/support/free-port.ts";

/** The public test suite for HTTP caches (BSD-3-Clause), fetched as a package: its dependencies are not needed. */
const name = "http-cache-tests@0.4.5";
const sha512 = "DjuwN9nUZXLTW+wav1LRESCZNVxl8SshwOy4z1pxuWbWt5/ay6sM9QQ1lebBaDO6P1IMBoK6mdf+PuVP/QNL8A==";

export interface CacheSuite {
  readonly folder: string;
  remove(): void;
}

/** @returns a text that says why it is not there */
export function fetchCacheSuite(): CacheSuite | string {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-cache-suite-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const packed = spawnSync("npm", ["pack", name, "--pack-destination", folder, "--silent"], { cwd: folder });
  const [file] = packed.status === 0 ? readdirSync(folder).filter((entry) => entry.endsWith(".tgz")) : [];
  if (file === undefined) {
    remove();
    return `${name} cannot be fetched from the package registry`;
  }
  const digest = createHash("sha512")
    .update(readFileSync(join(folder, file)))
    .digest("base64");
  if (digest !== sha512) {
    remove();
    throw new Error(`${name} is not the package that was looked at: sha512 ${digest}`);
  }
  mkdirSync(join(folder, "suite"));
  spawnSync("tar", ["xzf", file, "-C", "suite", "--strip-components=1"], { cwd: folder });
  return { folder: join(folder, "suite"), remove };
}

export interface CacheSuiteOrigin {
  readonly url: string;
  stop(): Promise<void>;
}

/** The suite's own origin server, in a process of its own. It cannot take port 0: a free one is looked for. */
export async function startOrigin({ folder }: CacheSuite): Promise<CacheSuiteOrigin> {
  const [port = 0] = await freePorts(1);
  const env = {
    ...process.env,
    npm_config_protocol: "http",
    npm_config_port: String(port),
    npm_config_pidfile: join(folder, "server.pid"),
  };
  const server: ChildProcess = spawn(process.execPath, ["server/server.mjs"], { cwd: folder, env });
  const exited = once(server, "exit");
  // Its first word is that it listens; what it says later is of no interest.
  await Promise.race([once(server.stdout as NodeJS.ReadableStream, "data"), exited]);
  server.stdout?.resume();
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.kill();
      await exited;
    },
  };
}

export interface SuiteTest {
  readonly id: string;
  readonly name: string;
  /** `required` when absent: what the RFC demands. */
  readonly kind?: "required" | "optimal" | "check";
  readonly depends_on?: readonly string[];
}

/** True, or the kind of failure with its message. `Setup`: the test says nothing here. */
export type SuiteResult = true | readonly [string, string];

type Fetch = (url: string, init?: unknown) => Promise<unknown>;

interface SuiteModules {
  readonly tests: readonly { readonly id: string; readonly tests: readonly SuiteTest[] }[];
  readonly runTests: (tests: unknown, fetch: Fetch, browser: boolean, base: string) => Promise<void>;
  readonly getResults: () => Readonly<Record<string, SuiteResult>>;
}

export async function loadSuite({ folder }: CacheSuite): Promise<SuiteModules> {
  const load = (file: string): Promise<Record<string, unknown>> => import(pathToFileURL(join(folder, file)).href);
  const { default: tests } = await load("tests/index.mjs");
  const { runTests, getResults } = await load("client/runner.mjs");
  return { tests, runTests, getResults } as unknown as SuiteModules;
}
