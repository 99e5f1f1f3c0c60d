import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { type Authority, exportKey, makeAuthority, makeLeaf } from "#edge/x509.ts";
import { runCli, startTestGateway } from "#test/support/gateway.ts";
import { rowWhen, visit, visitUntil } from "./https-site.ts";

const validity = { notBefore: Date.now() - 60_000, notAfter: Date.now() + 86_400_000 };
const random = { bytes: (count: number) => randomBytes(count) };

async function leafFiles(root: Authority): Promise<Readonly<Record<"own.crt" | "own.key", string>>> {
  const leaf = await makeLeaf(["own.test", "*.own.test"], validity, root, random);
  return { "own.crt": leaf.certificate.toString("pem"), "own.key": await exportKey(leaf.keys) };
}

it("certificates from files go before all others, and are served anew when the files change", async () => {
  const root = await makeAuthority("Own", validity, null, random);
  const ca = root.certificate.toString("pem");
  const gateway = await startTestGateway({
    definition: `version: 1
edge:
  listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }
  certificates: [{ certificate: own.crt, key: { file: own.key } }]
apis:
  hello: { hosts: [own.test, other.test], path: /, access: public, policies: { inbound: [{ return-response: { body: hello } }] } }
`,
    files: await leafFiles(root),
    args: ["--workers", "2"],
  });
  try {
    const first = await visitUntil(gateway, "own.test", ca);
    assert.equal((await visit(gateway.port, "a.own.test", ca))?.serialNumber, first.serialNumber);
    assert.ok(await visit(gateway.port, "other.test", gateway.ca), "other names have the internal CA's");
    const row = await rowWhen(gateway, ({ source }) => source === "file");
    assert.deepEqual([row.names, row.issuer, row.renewal], [["own.test", "*.own.test"], "Own", null]);

    const next = await leafFiles(root);
    writeFileSync(join(gateway.folder, "own.key"), next["own.key"]);
    // A key without its certificate is no definition: what was there goes on serving.
    const { code, stderr } = await runCli(["check", "--config", join(gateway.folder, "sallyport.yaml")]);
    assert.deepEqual(
      [code, /error certificate-key .*the key from file own\.key does not belong to own\.crt/.test(stderr)],
      [1, true],
    );
    assert.equal((await visit(gateway.port, "own.test", ca))?.serialNumber, first.serialNumber);
    writeFileSync(join(gateway.folder, "own.crt"), next["own.crt"]);
    await visitUntil(gateway, "own.test", ca, ({ serialNumber }) => serialNumber !== first.serialNumber);
  } finally {
    await gateway.cleanUp();
  }
});
