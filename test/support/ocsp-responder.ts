import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Which certificate signs an answer. `delegate` is for that, `customer` is not; `stranger` is another issuer's. `pss` signs by RSA-PSS, `pss-key` with a key that can nothing else. */
export type Signer = "ca" | "delegate" | "customer" | "stranger" | "pss" | "pss-key";

/** A small authority with OpenSSL's responder, on loopback. What it answers is changed while it runs. */
export interface OcspAuthority {
  readonly url: string;
  readonly folder: string;
  signer: Signer;
  /** How it signs, as `openssl ocsp -rsigopt` takes it. */
  sigopts: readonly string[];
  /** Minutes until the next update; 0: not said. */
  minutes: number;
  /** Down: each question is answered with 503. */
  down: boolean;
  readonly questions: number;
  /** Chain and key of a new certificate, PEM. */
  issue(name: string, options?: { readonly mustStaple?: boolean }): Promise<{ chain: string; key: string }>;
  /** By the name that it was issued for. */
  revoke(name: string): void;
  /** It never heard of it. */
  forget(name: string): void;
  /** Answers for another issuer, which signs itself: its first certificate that is asked about is revoked, others are good. */
  adopt(issuer: { readonly certificate: string; readonly key: string }): void;
  /** What it answers to a question, DER. */
  answer(question: Uint8Array): Promise<Buffer>;
  readonly root: string;
  stop(): Promise<void>;
}

const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
const keys: Partial<Record<Signer, readonly string[]>> = {
  pss: ["-newkey", "rsa:2048", "-nodes"],
  "pss-key": ["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048", "-nodes"],
};
const purposes = { customer: "clientAuth", stranger: "OCSPSigning" } as const;

export async function startOcspAuthority(): Promise<OcspAuthority> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-ocsp-"));
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): Promise<unknown> => run("openssl", args, { cwd: folder });
  const rows = new Map<string, { readonly serial: string; revoked: boolean }>();
  let serial = 0x1000;
  let served = 0;
  let isAdopted = false;

  const makeRoot = (name: string): Promise<unknown> =>
    openssl(
      "req",
      "-x509",
      ...ec,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.crt`,
      "-subj",
      `/CN=${name}`,
      "-days",
      "30",
    );
  const sign = async (name: string, issuer: string, extensions: string): Promise<void> => {
    serial += 1;
    writeFileSync(path(`${name}.cnf`), extensions);
    const key = keys[name as Signer] ?? ec;
    await openssl("req", ...key, "-new", "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    const by = ["-CA", `${issuer}.crt`, "-CAkey", `${issuer}.key`, "-set_serial", String(serial), "-days", "20"];
    await openssl("x509", "-req", "-in", `${name}.csr`, ...by, "-extfile", `${name}.cnf`, "-out", `${name}.crt`);
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      served += 1;
      if (authority.down) return void response.writeHead(503).end();
      const reply = authority.answer(Buffer.concat(chunks));
      return void reply.then(
        (der) => response.writeHead(200, { "Content-Type": "application/ocsp-response" }).end(der),
        () => response.writeHead(500).end(),
      );
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  const writeIndex = (): void => {
    const lines = [...rows].map(([name, row]) => {
      const when = row.revoked ? "260101000000Z,keyCompromise" : "";
      return `${row.revoked ? "R" : "V"}\t401231235959Z\t${when}\t${row.serial}\tunknown\t/CN=${name}\n`;
    });
    writeFileSync(path("index.txt"), lines.join(""));
  };

  const learn = async (asked: string): Promise<void> => {
    const { stdout } = await run("openssl", ["ocsp", "-reqin", asked, "-req_text", "-noverify"], { cwd: folder });
    const found = /Serial Number: ([0-9A-F]+)/.exec(stdout)?.[1] ?? "";
    if (!rows.has(found)) rows.set(found, { serial: found, revoked: rows.size === 0 });
    writeIndex();
  };

  const authority: OcspAuthority = {
    url,
    folder,
    signer: "delegate",
    sigopts: [],
    minutes: 60,
    down: false,
    root: "",
    get questions() {
      return served;
    },
    issue: async (name, { mustStaple = false } = {}) => {
      const more = mustStaple ? "tlsfeature=status_request\n" : "";
      const names = `subjectAltName=DNS:${name}\nextendedKeyUsage=serverAuth\n`;
      await sign(name, "ca", `${names}authorityInfoAccess=OCSP;URI:${url}\n${more}`);
      rows.set(name, { serial: serial.toString(16).toUpperCase().padStart(4, "0"), revoked: false });
      writeIndex();
      const [leaf, ca] = [`${name}.crt`, "ca.crt"].map((file) => readFileSync(path(file), "utf8"));
      return { chain: `${leaf}${ca}`, key: readFileSync(path(`${name}.key`), "utf8") };
    },
    revoke: (name) => {
      const row = rows.get(name);
      if (row !== undefined) row.revoked = true;
      writeIndex();
    },
    forget: (name) => {
      rows.delete(name);
      writeIndex();
    },
    adopt: ({ certificate, key }) => {
      writeFileSync(path("ca.crt"), certificate);
      writeFileSync(path("ca.key"), key);
      rows.clear();
      isAdopted = true;
      authority.signer = "ca";
    },
    answer: async (question) => {
      const { signer, minutes } = authority;
      const [asked, answered] = [path(`${served}.req`), path(`${served}.res`)];
      writeFileSync(asked, question);
      if (isAdopted) await learn(asked);
      const by = ["-index", "index.txt", "-CA", "ca.crt", "-rsigner", `${signer}.crt`, "-rkey", `${signer}.key`];
      const until = minutes === 0 ? [] : ["-nmin", String(minutes)];
      const how = authority.sigopts.flatMap((option) => ["-rsigopt", option]);
      await openssl("ocsp", ...by, ...until, ...how, "-rmd", "sha256", "-reqin", asked, "-respout", answered);
      return readFileSync(answered);
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await makeRoot("ca");
  await makeRoot("other");
  for (const signer of ["delegate", "pss", "pss-key"]) await sign(signer, "ca", "extendedKeyUsage=OCSPSigning\n");
  await sign("customer", "ca", `extendedKeyUsage=${purposes.customer}\n`);
  await sign("stranger", "other", `extendedKeyUsage=${purposes.stranger}\n`);
  writeIndex();
  return Object.assign(authority, { root: readFileSync(path("ca.crt"), "utf8") });
}
