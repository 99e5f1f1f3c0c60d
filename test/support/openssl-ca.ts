import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface IssueOptions {
  /** Who signs: `root`, or a name that was issued with `ca`. Default `root`. */
  readonly by?: string;
  readonly ca?: boolean;
  /** Its key, as `openssl req -newkey` takes it. Default: P-256. */
  readonly key?: readonly string[];
  /** Names its issuer's list. Default true. */
  readonly list?: boolean;
  /** Names a responder. */
  readonly ocsp?: string;
}

/** An authority of `openssl ca`, with its revocation lists over HTTP on loopback. */
export interface OpensslCa {
  readonly folder: string;
  /** PEM. */
  readonly root: string;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Requests for lists, by path. */
  readonly asked: string[];
  /** Answers with this status instead. */
  status: number;
  /** What is served at a path instead of the list there. */
  readonly served: Map<string, Buffer>;
  issue(name: string, options?: IssueOptions): Promise<void>;
  revoke(name: string): Promise<void>;
  /** `root` has never heard of it. */
  forget(name: string): void;
  /** Makes the list of an issuer anew. */
  publish(issuer?: string, ...args: readonly string[]): Promise<Buffer>;
  /** PEM of a certificate, and its DER. */
  pem(name: string): string;
  der(name: string): Buffer;
  key(name: string): string;
  /** OpenSSL's own responder for what `root` has issued. */
  respond(): Promise<OpensslResponder>;
  openssl(...args: readonly string[]): Promise<unknown>;
  stop(): Promise<void>;
}

export interface OpensslResponder {
  readonly url: string;
  /** With what is known by now, on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

export async function startOpensslCa(): Promise<OpensslCa> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-ca-"));
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): Promise<unknown> => run("openssl", args, { cwd: folder });
  const issuers = new Map<string, string>();
  const children: ChildProcess[] = [];

  const server = createServer((request, response) => {
    ca.asked.push(request.url ?? "");
    const file = ca.served.get(request.url ?? "");
    if (file === undefined || ca.status !== 200)
      return void response.writeHead(ca.status === 200 ? 404 : ca.status).end();
    return void response.writeHead(200, { "Content-Type": "application/pkix-crl" }).end(file);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const prepare = (issuer: string): void => {
    mkdirSync(path(`${issuer}.d`));
    writeFileSync(path(`${issuer}.index`), "");
    writeFileSync(path(`${issuer}.serial`), "1000\n");
    writeFileSync(path(`${issuer}.number`), "01\n");
    writeFileSync(
      path(`${issuer}.cnf`),
      `[ca]
default_ca = one
[one]
database = ${issuer}.index
serial = ${issuer}.serial
crlnumber = ${issuer}.number
new_certs_dir = ${issuer}.d
certificate = ${issuer}.crt
private_key = ${issuer}.key
default_md = sha256
default_days = 20
default_crl_days = 7
unique_subject = no
policy = any
[any]
commonName = supplied
`,
    );
  };

  const ca: OpensslCa = {
    folder,
    root: "",
    url,
    asked: [],
    status: 200,
    served: new Map(),
    openssl,
    issue: async (name, { by = "root", ca: isCa = false, key = newKey, list = true, ocsp } = {}) => {
      const extensions = [
        `basicConstraints=critical,CA:${isCa ? "TRUE" : "FALSE"}`,
        ...(isCa ? [] : [`subjectAltName=DNS:${name}`, "extendedKeyUsage=clientAuth"]),
        ...(list ? [`crlDistributionPoints=URI:${url}/${by}.crl`] : []),
        ...(ocsp === undefined ? [] : [`authorityInfoAccess=OCSP;URI:${ocsp}`]),
      ];
      writeFileSync(path(`${name}.ext`), `${extensions.join("\n")}\n`);
      await openssl(
        "req",
        ...key,
        "-nodes",
        "-new",
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.csr`,
        "-subj",
        `/CN=${name}`,
      );
      const signed = ["-config", `${by}.cnf`, "-extfile", `${name}.ext`, "-in", `${name}.csr`, "-out", `${name}.crt`];
      await openssl("ca", "-batch", "-notext", ...signed);
      issuers.set(name, by);
      if (isCa) prepare(name);
    },
    revoke: async (name) => {
      await openssl(
        "ca",
        "-config",
        `${issuers.get(name)}.cnf`,
        "-revoke",
        `${name}.crt`,
        "-crl_reason",
        "keyCompromise",
      );
    },
    forget: (name) => {
      const lines = readFileSync(path("root.index"), "utf8").split("\n");
      writeFileSync(path("root.index"), lines.filter((line) => !line.endsWith(`/CN=${name}`)).join("\n"));
    },
    publish: async (issuer = "root", ...args) => {
      await openssl("ca", "-config", `${issuer}.cnf`, "-gencrl", ...args, "-out", `${issuer}.crl.pem`);
      await openssl("crl", "-in", `${issuer}.crl.pem`, "-outform", "DER", "-out", `${issuer}.crl`);
      const der = readFileSync(path(`${issuer}.crl`));
      ca.served.set(`/${issuer}.crl`, der);
      return der;
    },
    pem: (name) => readFileSync(path(`${name}.crt`), "utf8"),
    der: (name) => Buffer.from(ca.pem(name).replaceAll(/-----[^-]+-----/g, ""), "base64"),
    key: (name) => readFileSync(path(`${name}.key`), "utf8"),
    respond: async () => {
      const by = ["-index", "root.index", "-CA", "root.crt", "-rsigner", "root.crt", "-rkey", "root.key", "-nmin", "5"];
      const start = (port: string): ChildProcess => {
        const child = spawn("openssl", ["ocsp", "-port", port, ...by], { cwd: folder, stdio: "pipe" });
        children.push(child);
        return child;
      };
      let running = start("0");
      const port = await acceptedAt(running);
      const restart = async (): Promise<void> => {
        await end(running);
        running = start(String(port));
        await acceptedAt(running);
      };
      return { url: `http://127.0.0.1:${port}`, restart, stop: () => end(running) };
    },
    stop: async () => {
      await Promise.all(children.map(end));
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await openssl(
    "req",
    "-x509",
    ...newKey,
    "-nodes",
    "-keyout",
    "root.key",
    "-out",
    "root.crt",
    "-subj",
    "/CN=root",
    "-days",
    "30",
  );
  prepare("root");
  await ca.publish();
  return Object.assign(ca, { root: ca.pem("root") });
}

/** It says where it listens: `ACCEPT 0.0.0.0:35001 PID=…`. It takes no address. */
async function acceptedAt(child: ChildProcess): Promise<number> {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  for (;;) {
    const port = /ACCEPT \S*?:(\d+)/.exec(text)?.[1];
    if (port !== undefined) return Number(port);
    if (child.exitCode !== null) throw new Error(`openssl ocsp has ended: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
