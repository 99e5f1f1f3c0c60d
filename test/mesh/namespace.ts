import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestOptions } from "node:test";
import { needsCommand } from "#test/support/require.ts";

/** A network of its own with nothing but loopback, where ports 80 and 443 are free, and names of its own. */
export interface Namespace {
  spawn(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
  remove(): void;
}

export interface Finished {
  readonly code: number;
  readonly output: string;
}

export const needsNamespace: TestOptions = needsCommand("unshare");

/** @param names host names of 127.0.0.1 */
export async function createNamespace(names: readonly string[]): Promise<Namespace> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-namespace-"));
  const hosts = join(folder, "hosts");
  writeFileSync(hosts, `127.0.0.1 localhost ${names.join(" ")}\n`);
  const script = `ip link set lo up && mount --bind '${hosts}' /etc/hosts && echo ready && exec sleep 170`;
  const holder = spawn("unshare", ["--net", "--mount", "sh", "-c", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  const target = ["--target", String(holder.pid), "--net", "--mount"];
  const inside = (command: string, args: readonly string[]): string[] => [...target, command, ...args];
  return {
    spawn: (command, args, env = {}) =>
      spawn("nsenter", inside(command, args), {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, ...env },
      }),
    run: (command, args, env = {}) =>
      new Promise((resolve) => {
        const options = { env: { ...process.env, ...env }, timeout: 60_000 };
        execFile("nsenter", inside(command, args), options, (error, stdout, stderr) => {
          const code = error === null ? 0 : Number(error.code ?? 1);
          resolve({ code, output: `${stdout}${stderr}` });
        });
      }),
    remove: () => {
      holder.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
