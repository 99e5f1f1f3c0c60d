import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { freePorts } from "#test/support/free-port.ts";

export interface RunningCaddy {
  readonly httpsPort: number;
  readonly httpPort: number;
  /** Root of Caddy's own CA, PEM. */
  readonly ca: string;
  /** Its admin API. */
  readonly admin: string;
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
 * than loopback, have the admin API where others have theirs, and put its root into the system's trust store.
 */
export async function runCaddy(
  text: string,
  ports: CaddyPorts,
  hosts: readonly string[],
  env: Record<string, string> = {},
): Promise<RunningCaddy> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-caddy-"));
  const isJson = text.startsWith("{\n  ");
  const file = join(folder, isJson ? "caddy.json" : "Caddyfile");
  const [adminPort = 0] = await freePorts(1);
  const admin = `127.0.0.1:${adminPort}`;
  const inside = `{\n\tdefault_bind 127.0.0.1\n\tskip_install_trust\n\tadmin ${admin}\n`;
  writeFileSync(file, isJson ? keptInside(text, ports, admin) : text.replace("{\n", inside));
  const child = spawn("caddy", ["run", "--config", file, ...(isJson ? [] : ["--adapter", "caddyfile"])], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder },
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
  // It says that it serves before it has issued its own certificates.
  const ca = readFileSync(root, "utf8");
  for (const host of hosts) while (!(await hasCertificate(ports.httpsPort, host, ca))) await sleep(50);
  return { ...ports, ca, admin: `http://${admin}`, stop };
}

function hasCertificate(port: number, servername: string, ca: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, servername, ca });
    const settle = (found: boolean): void => {
      socket.destroy();
      resolve(found);
    };
    socket.on("secureConnect", () => settle(true));
    socket.on("error", () => settle(false));
  });
}

interface CaddyConfig {
  readonly apps: {
    readonly http: { readonly servers: { readonly srv0: object } };
    readonly [app: string]: object;
  };
}

function keptInside(text: string, { httpsPort }: CaddyPorts, admin: string): string {
  const { apps } = JSON.parse(text) as CaddyConfig;
  const srv0 = { ...apps.http.servers.srv0, listen: [`127.0.0.1:${httpsPort}`] };
  const pki = { certificate_authorities: { local: { install_trust: false } } };
  return JSON.stringify({
    admin: { listen: admin },
    apps: { ...apps, http: { ...apps.http, servers: { srv0 } }, pki },
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
