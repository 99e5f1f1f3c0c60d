import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "#test/support/free-port.ts";

export interface RunningCaddy {
  readonly httpsPort: number;
  readonly httpPort: number;
  /** Root of Caddy's own CA, PEM. */
  readonly ca: string;
  stop(): Promise<void>;
}

/** Where Caddy is to listen, before its configuration is made. */
export interface CaddyPorts {
  readonly httpPort: number;
  readonly httpsPort: number;
}

export async function caddyPorts(): Promise<CaddyPorts> {
  const [httpPort = 0, httpsPort = 0] = await freePorts(2);
  return { httpPort, httpsPort };
}

/**
 * Debian's Caddy with a configuration as it was exported, but for what a test must not do: listen on other addresses
 * than loopback, and put its root into the system's trust store.
 */
export async function runCaddy(
  text: string,
  ports: CaddyPorts,
  env: Record<string, string> = {},
): Promise<RunningCaddy> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-caddy-"));
  const isJson = text.startsWith("{\n  ");
  const file = join(folder, isJson ? "caddy.json" : "Caddyfile");
  writeFileSync(
    file,
    isJson ? keptInside(text, ports) : text.replace("{\n", "{\n\tdefault_bind 127.0.0.1\n\tskip_install_trust\n"),
  );
  const [adminPort] = await freePorts(1);
  const child = spawn("caddy", ["run", "--config", file, ...(isJson ? [] : ["--adapter", "caddyfile"])], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ...env,
      XDG_DATA_HOME: folder,
      XDG_CONFIG_HOME: folder,
      HOME: folder,
      CADDY_ADMIN: `127.0.0.1:${adminPort}`,
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += String(chunk)));
  const root = join(folder, "caddy", "pki", "authorities", "local", "root.crt");
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; !output.includes("serving initial configuration"); tries += 1) {
    if (child.exitCode !== null || tries > 300) {
      await stop();
      throw new Error(`caddy did not get ready:\n${output}`);
    }
    await sleep(50);
  }
  return { ...ports, ca: readFileSync(root, "utf8"), stop };
}

interface CaddyConfig {
  readonly apps: {
    readonly http: { readonly servers: { readonly srv0: object } };
    readonly [app: string]: object;
  };
}

function keptInside(text: string, { httpsPort }: CaddyPorts): string {
  const { apps } = JSON.parse(text) as CaddyConfig;
  const srv0 = { ...apps.http.servers.srv0, listen: [`127.0.0.1:${httpsPort}`] };
  const pki = { certificate_authorities: { local: { install_trust: false } } };
  return JSON.stringify({ apps: { ...apps, http: { ...apps.http, servers: { srv0 } }, pki } });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
