import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { installed, type Site, started } from "./peers.ts";

const orders = Array.from({ length: 6 }, (_, id) => ({ id, item: "lantern", quantity: 2, note: "fragile" }));
const json = JSON.stringify({ orders });

/** Of a large body, either way. */
export const largeBytes = 10_000_000;

/** One certificate for all peers, ECDSA P-256 as the internal CA's. */
export function makeSite(folder: string, upstreamPort: number): Site {
  const certFile = join(folder, "cert.pem");
  const keyFile = join(folder, "key.pem");
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyFile];
  execFileSync("openssl", ["req", "-x509", "-days", "2", ...key, ...subject, "-out", certFile], { stdio: "ignore" });
  const bundleFile = join(folder, "bundle.pem");
  writeFileSync(bundleFile, readFileSync(certFile, "utf8") + readFileSync(keyFile, "utf8"));
  const filesFolder = join(folder, "public");
  mkdirSync(filesFolder);
  writeFileSync(join(filesFolder, "small.json"), json);
  return { folder, upstreamPort, certFile, keyFile, bundleFile, filesFolder };
}

export interface Upstream {
  readonly name: string;
  stop(): Promise<void>;
}

/** nginx answering by itself when it is there: the cheapest upstream; else Node. */
export async function startUpstream(folder: string, port: number): Promise<Upstream> {
  if (!installed("nginx")) return startNodeUpstream(port);
  const file = join(folder, "upstream.conf");
  const large = join(folder, "large");
  writeFileSync(large, Buffer.alloc(largeBytes, "0123456789abcdef"));
  chmodSync(large, 0o644);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/upstream.pid; error_log ${folder}/upstream.log error;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; default_type application/json;
  ${temporary.map((name) => `${name}_temp_path ${folder}/upstream-${name};`).join(" ")}
  server {
    listen 127.0.0.1:${port};
    location / { return 200 '${json}'; }
    location = /large/down { sendfile on; sendfile_max_chunk 0; alias ${large}; }
    # Reads all of it, and asks for the answer without it.
    location = /large/up {
      client_max_body_size 0; client_body_buffer_size 16m;
      proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_pass http://127.0.0.1:${port}/;
    }
  } }`,
  );
  return { name: "nginx", ...(await started("nginx", ["-e", join(folder, "upstream.log"), "-c", file], port)) };
}

async function startNodeUpstream(port: number): Promise<Upstream> {
  const headers = { "content-type": "application/json", "content-length": json.length };
  const large = Buffer.alloc(largeBytes, "0123456789abcdef");
  const server = createServer((request, response) => {
    if (request.url === "/large/down") response.writeHead(200, { "content-length": largeBytes }).end(large);
    else request.resume().once("end", () => response.writeHead(200, headers).end(json));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { name: "node:http", stop: async () => void server.close() };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
