import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Debian's Caddy as an ACME server, in a network where `ca.corp.internal` is this machine and ports 80 and 443 are free. */
export interface CaddyAuthority {
  readonly directory: string;
  /** File of the root that it issues under, and that its own HTTPS is trusted by, from the folder on. */
  readonly rootFile: string;
  readonly root: string;
  halt(): Promise<void>;
  /** With what it knew before. */
  resume(): Promise<void>;
}

const rootFile = join("caddy", "pki", "authorities", "local", "root.crt");

export async function startCaddyAuthority(folder: string): Promise<CaddyAuthority> {
  writeFileSync(
    join(folder, "Caddyfile"),
    `{
	admin off
	skip_install_trust
	storage file_system ${folder}/caddy
	http_port 9080
	https_port 9443
	auto_https disable_redirects
}
https://ca.corp.internal:9443 {
	tls internal
	acme_server
}
`,
  );
  let running = await start(folder);
  return {
    directory: "https://ca.corp.internal:9443/acme/local/directory",
    rootFile,
    root: readFileSync(join(folder, rootFile), "utf8"),
    halt: async () => {
      running.kill("SIGKILL");
      await once(running, "exit");
    },
    resume: async () => {
      running = await start(folder);
    },
  };
}

async function start(folder: string): Promise<ChildProcess> {
  const child = spawn("caddy", ["run", "--config", join(folder, "Caddyfile"), "--adapter", "caddyfile"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, HOME: folder },
  });
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const isUp = (): boolean => text.includes("serving initial configuration") && existsSync(join(folder, rootFile));
  for (let left = 400; !isUp(); left -= 1) {
    if (left === 0 || child.exitCode !== null) throw new Error(`Caddy did not start:\n${text}`);
    await sleep(50);
  }
  return child;
}
