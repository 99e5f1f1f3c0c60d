import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Resolver } from "node:dns/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "./free-port.ts";

/** BIND, the primary of `sally.org`, which takes updates signed with one key. */
export interface NameServer {
  /** `address:port`. */
  readonly address: string;
  readonly keyName: string;
  /** Base64. */
  readonly secret: string;
  stop(): Promise<void>;
}

const zone = `$TTL 60
@ IN SOA ns.sally.org. ops.sally.org. 1 3600 600 86400 60
@ IN NS ns.sally.org.
@ IN A 127.0.0.1
ns IN A 127.0.0.1
_acme-challenge.delegated IN CNAME _acme-challenge.target.sally.org.
`;

export async function startNameServer(): Promise<NameServer> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-named-"));
  const [port] = (await freePorts(1)) as [number];
  const secret = randomBytes(32).toString("base64");
  writeFileSync(join(folder, "sally.org.zone"), zone);
  writeFileSync(
    join(folder, "named.conf"),
    `options {
  directory "${folder}"; pid-file none; session-keyfile "${folder}/session.key"; managed-keys-directory "${folder}";
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no;
};
controls {};
key "acme-key" { algorithm hmac-sha256; secret "${secret}"; };
zone "sally.org" { type primary; file "sally.org.zone"; allow-update { key "acme-key"; }; };
`,
  );
  const child = spawn("named", ["-g", "-n", "1", "-c", join(folder, "named.conf")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => void (output += String(chunk)));
  const address = `127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([address]);
  for (let left = 100; ; left -= 1) {
    const found = await resolver.resolveSoa("sally.org").catch(() => null);
    if (found !== null) return { address, keyName: "acme-key", secret, stop };
    if (left === 0 || child.exitCode !== null) {
      await stop();
      throw new Error(`named did not start:\n${output}`);
    }
    await sleep(50);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
