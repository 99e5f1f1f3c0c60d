import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { arch, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startService } from "#demo/services.ts";
import { serviceToken } from "#demo/tokens.ts";
import { cpuSeconds, residentMiB } from "./cpu.ts";
import type { LoadResult } from "./load.ts";
import { installed, peers, type Running, type Site, started, versionOf } from "./peers.ts";
import { rootCertificateOf, startSallyport, subscriptionKey } from "./sallyport.ts";

/**
 * CPU time per proxied request, side by side with the proxies that are installed: same machine, same upstream, same
 * load, one after the other in one run. Ratios are the result; the microseconds depend on the machine.
 */
const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "6" },
    connections: { type: "string", default: "64" },
    only: { type: "string", default: "" },
    json: { type: "string", default: "bench/results/latest.json" },
  },
});

interface Row {
  readonly proxy: string;
  readonly case: string;
  readonly microsPerRequest: number;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly residentMiB: number;
  readonly failures: number;
}

interface Case {
  readonly name: string;
  readonly port: number;
  readonly tls: boolean;
  readonly ca: string;
  readonly path: string;
  readonly headers: readonly string[];
}

const rows: Row[] = [];
const say = (line: string): boolean => process.stderr.write(`${line}\n`);

async function measure(proxy: string, running: Running, target: Case): Promise<void> {
  await load(target, 2);
  const before = cpuSeconds(running.pid);
  const result = await load(target, Number(options.seconds));
  const cpu = cpuSeconds(running.pid) - before;
  if (result.failures > 0) say(`  ${result.failures} failures; the first: ${result.firstFailure.slice(0, 300)}`);
  const row: Row = {
    proxy,
    case: target.name,
    microsPerRequest: Math.round((cpu * 1e7) / Math.max(1, result.requests)) / 10,
    requestsPerSecond: Math.round(result.requests / result.seconds),
    p50: result.p50,
    p99: result.p99,
    residentMiB: residentMiB(running.pid),
    failures: result.failures,
  };
  rows.push(row);
  say(`  ${proxy}, ${target.name}: ${row.microsPerRequest} µs, ${row.requestsPerSecond}/s`);
}

/** The load runs in a process of its own, so that its CPU time is not counted. */
function load(target: Case, seconds: number): Promise<LoadResult> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "load.ts")], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify({ ...target, connections: Number(options.connections), seconds }));
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve(JSON.parse(text) as LoadResult) : reject(new Error(`load ended with ${code}`)),
    );
  });
}

function makeSite(folder: string, upstreamPort: number): Site {
  const certFile = join(folder, "cert.pem");
  const keyFile = join(folder, "key.pem");
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyFile];
  execFileSync("openssl", ["req", "-x509", "-days", "2", ...key, ...subject, "-out", certFile], { stdio: "ignore" });
  const bundleFile = join(folder, "bundle.pem");
  writeFileSync(bundleFile, readFileSync(certFile, "utf8") + readFileSync(keyFile, "utf8"));
  return { folder, upstreamPort, certFile, keyFile, bundleFile };
}

const json = JSON.stringify({
  orders: Array.from({ length: 6 }, (_, id) => ({ id, item: "lantern", quantity: 2, note: "fragile" })),
});

/** nginx answering by itself when it is there: the cheapest upstream; else Node. */
async function startUpstream(folder: string, port: number): Promise<{ readonly name: string; stop(): Promise<void> }> {
  if (!installed("nginx")) {
    const server = createServer((_request, response) =>
      response.writeHead(200, { "content-type": "application/json", "content-length": json.length }).end(json),
    );
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return { name: "node:http", stop: async () => void server.close() };
  }
  const file = join(folder, "upstream.conf");
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/upstream.pid; error_log ${folder}/upstream.log error;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; default_type application/json;
  client_body_temp_path ${folder}/u1; proxy_temp_path ${folder}/u2; fastcgi_temp_path ${folder}/u3; uwsgi_temp_path ${folder}/u4; scgi_temp_path ${folder}/u5;
  server { listen 127.0.0.1:${port}; location / { return 200 '${json}'; } } }`,
  );
  return { name: "nginx", ...(await started("nginx", ["-e", join(folder, "upstream.log"), "-c", file], port)) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function measurePeers(site: Site): Promise<void> {
  for (const peer of peers) {
    if (options.only !== "" && !options.only.split(",").includes(peer.binary)) continue;
    if (!installed(peer.binary)) {
      say(`${peer.name}: not installed, left out`);
      continue;
    }
    const [http, https] = [await freePort(), await freePort()];
    const running = await peer.start(site, http, https);
    const plain = { path: "/bare", ca: readFileSync(site.certFile, "utf8"), headers: [] };
    const name = `${peer.name} ${versionOf(peer.binary)}`;
    try {
      await measure(name, running, { name: "bare, HTTP", port: http, tls: false, ...plain });
      await measure(name, running, { name: "bare, HTTPS", port: https, tls: true, ...plain });
    } finally {
      await running.stop();
    }
  }
}

async function measureSallyport(site: Site): Promise<void> {
  if (options.only !== "" && !options.only.split(",").includes("sallyport")) return;
  const clients = { serviceSecret: "bench-secret-bench-secret-bench", redirectUri: "http://127.0.0.1/callback" };
  const provider = await startService("provider", 0, clients);
  const token = await serviceToken(provider.url, clients.serviceSecret);
  const [http, redirect, https] = [await freePort(), await freePort(), await freePort()];
  const clear = await startSallyport(site, false, http, https, provider.url);
  await measure("Sallyport", clear, {
    name: "bare, HTTP",
    port: http,
    tls: false,
    ca: "",
    path: "/bare",
    headers: [],
  }).finally(() => clear.stop());
  const secure = await startSallyport(site, true, redirect, https, provider.url);
  const target = { port: https, tls: true, ca: readFileSync(rootCertificateOf(site), "utf8") };
  const credentials = [`Authorization: Bearer ${token}`, `Ocp-Apim-Subscription-Key: ${subscriptionKey}`];
  try {
    await measure("Sallyport", secure, { name: "bare, HTTPS", path: "/bare", headers: [], ...target });
    await measure("Sallyport", secure, {
      name: "whole policy path, HTTPS",
      path: "/orders",
      headers: credentials,
      ...target,
    });
  } finally {
    await secure.stop();
    provider.stop();
  }
}

function table(): string {
  const head = ["proxy", "case", "µs CPU/request", "requests/s", "p50 ms", "p99 ms", "MiB"];
  const lines = rows.map((row) =>
    [row.proxy, row.case, row.microsPerRequest, row.requestsPerSecond, row.p50, row.p99, row.residentMiB].map(String),
  );
  const widths = head.map((name, at) => Math.max(name.length, ...lines.map((line) => line[at]?.length ?? 0)));
  const format = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [format(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...lines.map(format)].join("\n");
}

const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
try {
  const upstreamPort = await freePort();
  const upstream = await startUpstream(folder, upstreamPort);
  const site = makeSite(folder, upstreamPort);
  say(`upstream: ${upstream.name}; ${options.connections} connections, ${options.seconds} s a case`);
  try {
    await measurePeers(site);
    await measureSallyport(site);
  } finally {
    await upstream.stop();
  }
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, arch: arch(), node: process.version };
  mkdirSync("bench/results", { recursive: true });
  writeFileSync(
    options.json,
    `${JSON.stringify({ date: new Date().toISOString(), machine, upstream: upstream.name, rows }, null, 2)}\n`,
  );
  process.stdout.write(`${table()}\n\nwritten to ${options.json}\n`);
  if (rows.some(({ failures }) => failures > 0)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
