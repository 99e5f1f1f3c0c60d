import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

/** What a peer needs to be set up: all peers of a run share the upstream, the certificate and the folder. */
export interface Site {
  readonly folder: string;
  readonly upstreamPort: number;
  /** PEM files of one ECDSA P-256 certificate for localhost. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Certificate and key in one file, as HAProxy wants them. */
  readonly bundleFile: string;
  /** Holds `small.json`, what the upstream answers with. */
  readonly filesFolder: string;
}

export interface Running {
  readonly pid: number;
  stop(): Promise<void>;
}

export interface Peer {
  readonly name: string;
  readonly binary: string;
  readonly servesFiles: boolean;
  readonly speaksHttp2: boolean;
  readonly start: (site: Site, httpPort: number, httpsPort: number) => Promise<Running>;
}

export function installed(binary: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${binary}`]).status === 0;
}

export function versionOf(binary: string): string {
  const result = spawnSync(binary, [binary === "caddy" ? "version" : "-v"], { encoding: "utf8" });
  return /\d+\.\d+(\.\d+)?/.exec(`${result.stdout}${result.stderr}`)?.[0] ?? "unknown";
}

/** One worker each, keep-alive on both sides, no access log: what these proxies do at their best. */
export const peers: readonly Peer[] = [
  {
    name: "nginx",
    binary: "nginx",
    servesFiles: true,
    speaksHttp2: true,
    start: (site, httpPort, httpsPort) => {
      const file = join(site.folder, "nginx.conf");
      writeFileSync(
        file,
        `daemon off; worker_processes 1; pid ${site.folder}/nginx.pid; error_log ${site.folder}/nginx.log error;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; client_body_temp_path ${site.folder}/body; proxy_temp_path ${site.folder}/proxy;
  fastcgi_temp_path ${site.folder}/fastcgi; uwsgi_temp_path ${site.folder}/uwsgi; scgi_temp_path ${site.folder}/scgi;
  upstream orders { server 127.0.0.1:${site.upstreamPort}; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 1h; }
  server {
    listen 127.0.0.1:${httpPort}; listen 127.0.0.1:${httpsPort} ssl http2;
    ssl_certificate ${site.certFile}; ssl_certificate_key ${site.keyFile}; ssl_protocols TLSv1.2 TLSv1.3;
    location /files/ { alias ${site.filesFolder}/; }
    location /large/ { proxy_pass http://orders; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr; client_max_body_size 0; proxy_request_buffering off; proxy_max_temp_file_size 0; }
    location / { proxy_pass http://orders; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr; }
  }
}
`,
      );
      return started("nginx", ["-e", join(site.folder, "nginx.log"), "-c", file], httpPort);
    },
  },
  {
    name: "HAProxy",
    binary: "haproxy",
    servesFiles: false,
    speaksHttp2: false,
    start: (site, httpPort, httpsPort) => {
      const file = join(site.folder, "haproxy.cfg");
      writeFileSync(
        file,
        `global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  option forwardfor
  http-reuse always
frontend in
  bind 127.0.0.1:${httpPort}
  bind 127.0.0.1:${httpsPort} ssl crt ${site.bundleFile}
  default_backend orders
backend orders
  server one 127.0.0.1:${site.upstreamPort}
`,
      );
      return started("haproxy", ["-f", file, "-db"], httpPort);
    },
  },
  {
    name: "Caddy",
    binary: "caddy",
    servesFiles: true,
    speaksHttp2: true,
    start: (site, httpPort, httpsPort) => {
      const file = join(site.folder, "Caddyfile");
      writeFileSync(
        file,
        `{
  admin off
  auto_https off
  storage file_system ${site.folder}/caddy
  log {
    level ERROR
  }
}
http://localhost:${httpPort} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${site.upstreamPort}
}
https://localhost:${httpsPort} {
  bind 127.0.0.1
  tls ${site.certFile} ${site.keyFile}
  handle_path /files/* {
    root * ${site.filesFolder}
    file_server
  }
  reverse_proxy 127.0.0.1:${site.upstreamPort}
}
`,
      );
      return started("caddy", ["run", "--config", file, "--adapter", "caddyfile"], httpPort, { GOMAXPROCS: "1" });
    },
  },
];

export async function started(
  command: string,
  args: readonly string[],
  port: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...env } });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-2000);
  });
  await answers(child, port).catch(async (error: Error) => {
    // It would write on into a folder that is about to go.
    await ended(child);
    throw new Error(`${command} did not start: ${error.message}\n${stderr}`);
  });
  return { pid: child.pid ?? 0, stop: () => ended(child) };
}

async function answers(child: ChildProcess, port: number): Promise<void> {
  // A gateway with a million keys reads them first, and others may have the machine meanwhile.
  for (let tries = 0; tries < 6000; tries += 1) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    if (await connects(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port} after five minutes`);
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await exit;
}
