import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "./free-port.ts";

/** A real proxy of somebody else, in front of what is tested. */
export interface FrontProxy {
  readonly port: number;
  stop(): Promise<void>;
}

/** Where it is reached over TLS, and the files of its certificate; without, it speaks plain HTTP at any port. */
export interface FrontTls {
  readonly port: number;
  readonly cert: string;
  readonly key: string;
}

/** Debian's Caddy. @param sites what stands in the site block of its port */
export function startCaddy(sites: string, tls?: FrontTls): Promise<FrontProxy> {
  const scheme = tls === undefined ? "http" : "https";
  const line = tls === undefined ? "" : `\ttls ${tls.cert} ${tls.key}\n`;
  return start("Caddyfile", tls?.port, (port, folder) => ({
    text: `{\n\tadmin off\n\tauto_https off\n\tstorage file_system ${folder}\n}\n${scheme}://:${port} {\n\tbind 127.0.0.1\n${line}${sites}\n}\n`,
    command: "caddy",
    args: ["run", "--adapter", "caddyfile", "--config", join(folder, "Caddyfile")],
  }));
}

/** Debian's nginx. @param server what stands in the server block of its port */
export function startNginx(server: string, tls?: FrontTls): Promise<FrontProxy> {
  const lines = tls === undefined ? "" : `ssl_certificate ${tls.cert}; ssl_certificate_key ${tls.key};`;
  return start("nginx.conf", tls?.port, (port, folder) => ({
    text: `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server { listen 127.0.0.1:${port}${tls === undefined ? "" : " ssl"}; ${lines}
${server}
  }
}
`,
    command: "nginx",
    args: ["-p", folder, "-c", join(folder, "nginx.conf")],
  }));
}

interface Plan {
  readonly text: string;
  readonly command: string;
  readonly args: readonly string[];
}

async function start(
  file: string,
  wanted: number | undefined,
  plan: (port: number, folder: string) => Plan,
): Promise<FrontProxy> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-front-"));
  const [port = 0] = wanted === undefined ? await freePorts(1) : [wanted];
  const { text, command, args } = plan(port, folder);
  writeFileSync(join(folder, file), text);
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, HOME: folder } });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => void (output += String(chunk)));
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; !(await listens(port)); tries += 1) {
    if (child.exitCode !== null || tries > 200) {
      await stop();
      throw new Error(`${command} did not get ready:\n${output}`);
    }
    await sleep(50);
  }
  return { port, stop };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
