import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createInternalCa } from "#edge/internal-ca.ts";
import { plainFiles } from "#edge/secret-files.ts";
import { freePorts } from "./free-port.ts";

/** Let's Encrypt's test authority, with a DNS server whose every name is 127.0.0.1. */
export interface Pebble {
  readonly directory: string;
  /** PEM of the root that its own HTTPS is trusted by. */
  readonly root: string;
  /** Where it validates http-01 and tls-alpn-01. */
  readonly httpPort: number;
  readonly tlsPort: number;
  readonly dns: string;
  /** URL of challtestsrv's management interface. */
  readonly management: string;
  /** Certificate and key of the authority that signs, PEM: for a responder of its own. */
  issuer(): Promise<{ readonly certificate: string; readonly key: string }>;
  /** Root of what it issues, PEM. */
  issuingRoot(): Promise<string>;
  /** `Valid` or `Revoked`, by serial number in hex. */
  statusOf(serial: string): Promise<string>;
  /** Calls of challtestsrv's management interface, such as `set-txt`. */
  manage(call: string, body: object): Promise<void>;
  /** What it has logged so far. */
  output(): string;
  /** The authority goes away; its DNS stays. */
  halt(): Promise<void>;
  /** It comes back at the same address, having forgotten everything, as it does. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export interface PebbleOptions {
  /** Per cent of good nonces that it refuses all the same. */
  readonly badNonces?: number;
  /** Accounts that it asks for: key id → HMAC key, base64url. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Longest time that it waits before it validates; 0 for not at all. */
  readonly sleepSeconds?: number;
  readonly alternateRoots?: number;
  /** Ports where the names are served, when they are known before. */
  readonly httpPort?: number;
  readonly tlsPort?: number;
  /** `address:port` of a name server to ask instead of its own. */
  readonly nameServer?: string;
  /** Domains that it issues nothing for, nor for what is below them. */
  readonly blocked?: readonly string[];
  /** How long its certificates live, seconds. Default: five years. */
  readonly lifetime?: number;
  /** OCSP responder that its certificates name. Default: none. */
  readonly responder?: string;
}

export async function startPebble(options: PebbleOptions = {}): Promise<Pebble> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-pebble-"));
  const [api, management, dns, dnsManagement, http, tls] = (await freePorts(6)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const root = await writeOwnCertificate(folder);
  const httpPort = options.httpPort ?? http;
  const tlsPort = options.tlsPort ?? tls;
  const pebble = {
    listenAddress: `127.0.0.1:${api}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: join(folder, "own.crt"),
    privateKey: join(folder, "own.key"),
    httpPort,
    tlsPort,
    domainBlocklist: options.blocked ?? [],
    certificateValidityPeriod: options.lifetime ?? 0,
    ocspResponderURL: options.responder ?? "",
    externalAccountBindingRequired: options.accounts !== undefined,
    externalAccountMACKeys: options.accounts ?? {},
  };
  writeFileSync(join(folder, "pebble.json"), JSON.stringify({ pebble }));
  const names = run(
    "pebble-challtestsrv",
    `-dns01 127.0.0.1:${dns} -management 127.0.0.1:${dnsManagement} -defaultIPv4 127.0.0.1`
      .split(" ")
      .concat(["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""]),
  );
  const env = {
    PEBBLE_WFE_NONCEREJECT: String(options.badNonces ?? 20),
    PEBBLE_ALTERNATE_ROOTS: String(options.alternateRoots ?? 0),
    PEBBLE_AUTHZREUSE: "0",
    ...(options.sleepSeconds === undefined
      ? { PEBBLE_VA_NOSLEEP: "1" }
      : { PEBBLE_VA_SLEEPTIME: String(options.sleepSeconds) }),
  };
  const start = (): Running =>
    run(
      "pebble",
      ["-config", join(folder, "pebble.json"), "-dnsserver", options.nameServer ?? `127.0.0.1:${dns}`],
      env,
    );
  let authority = start();
  const directory = `https://127.0.0.1:${api}/dir`;
  const get = (url: string): Promise<string> => fetchText(url, root);
  await until(() => get(directory), authority);
  const manage = async (call: string, body: object): Promise<void> => {
    const url = `http://127.0.0.1:${dnsManagement}/${call}`;
    const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${call}: ${response.status}`);
  };
  await until(() => manage("clear-txt", { host: `${randomBytes(4).toString("hex")}.test.` }), names);
  return {
    directory,
    root,
    httpPort,
    tlsPort,
    dns: `127.0.0.1:${dns}`,
    management: `http://127.0.0.1:${dnsManagement}`,
    issuer: async () => ({
      certificate: await get(`https://127.0.0.1:${management}/intermediates/0`),
      key: await get(`https://127.0.0.1:${management}/intermediate-keys/0`),
    }),
    issuingRoot: () => get(`https://127.0.0.1:${management}/roots/0`),
    statusOf: async (serial) => {
      const text = await get(`https://127.0.0.1:${management}/cert-status-by-serial/${serial}`);
      return (JSON.parse(text) as { Status: string }).Status;
    },
    manage,
    output: () => authority.output(),
    halt: () => end(authority.child),
    resume: async () => {
      authority = start();
      await until(() => get(directory), authority);
    },
    stop: async () => {
      await Promise.all([end(authority.child), end(names.child)]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function writeOwnCertificate(folder: string): Promise<string> {
  const quiet = { info(): void {}, warn(): void {}, error(): void {} };
  const clock = { now: () => Date.now(), mono: () => performance.now() };
  const random = { bytes: (count: number) => randomBytes(count) };
  const ca = await createInternalCa({
    directory: join(folder, "ca"),
    clock,
    random,
    log: quiet,
    secrets: plainFiles(random),
  });
  const { chain, key } = await ca.issue(["localhost", "127.0.0.1"]);
  writeFileSync(join(folder, "own.crt"), chain);
  writeFileSync(join(folder, "own.key"), key);
  return ca.rootCertificatePem;
}

interface Running {
  readonly child: ChildProcess;
  output(): string;
}

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => void (text += String(chunk)));
  child.on("error", (error) => void (text += error.message));
  return { child, output: () => text };
}

async function until(holds: () => Promise<unknown>, { child, output }: Running): Promise<void> {
  for (let left = 200; ; left -= 1) {
    try {
      await holds();
      return;
    } catch (error) {
      if (left === 0 || child.exitCode !== null) throw new Error(`${String(error)}\n${output()}`, { cause: error });
      await sleep(50);
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

function fetchText(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { ca }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => void (text += String(chunk)));
      response.on("end", () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`${url} answered ${response.statusCode}`)),
      );
    })
      .on("error", reject)
      .end();
  });
}
