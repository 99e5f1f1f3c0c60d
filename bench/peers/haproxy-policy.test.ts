import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { installed } from "../peers.ts";
import { haproxyPolicy } from "./haproxy-policy.ts";

const required = process.env["SALLYPORT_REQUIRE"] === "all";
const skip = required || (installed("haproxy") && installed("openssl")) ? false : "haproxy or openssl is not installed";

test("HAProxy takes what the bench has it do", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-test-"));
  try {
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key];
    execFileSync("openssl", ["req", "-x509", ...curve, "-subj", "/CN=localhost", "-out", cert], { stdio: "ignore" });
    const bundleFile = join(folder, "bundle.pem");
    writeFileSync(bundleFile, readFileSync(cert, "utf8") + readFileSync(key, "utf8"));
    const publicKeyFile = join(folder, "issuer.pem");
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(publicKeyFile, publicKey.export({ type: "spki", format: "pem" }));
    const keysFile = join(folder, "keys");
    writeFileSync(keysFile, "a-key\n");
    const file = join(folder, "haproxy.cfg");
    const issuer = "http://127.0.0.1:9000";
    writeFileSync(file, haproxyPolicy({ port: 1, upstreamPort: 2, bundleFile, keysFile, publicKeyFile, issuer }));
    const { status, stderr } = spawnSync("haproxy", ["-c", "-f", file], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
