import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type KeyAndChain, type KeyAndChainResult, readKeyAndChain, readPem } from "./key-and-chain.ts";

const enough = 100_000;

function absent(): string | false {
  try {
    execFileSync("openssl", ["version"], { stdio: "pipe" });
    return false;
  } catch {
    return process.env["SALLYPORT_REQUIRE"] === "all" ? false : "openssl is not installed";
  }
}

const skip = absent();
let folder: string;

function openssl(...parameters: string[]): void {
  execFileSync("openssl", parameters, { stdio: "pipe", cwd: folder });
}

const read = (name: string): Uint8Array => readFileSync(join(folder, name));

/** PKCS#12 of the leaf and its authority, as `options` say. */
function pfx(password: string, ...options: string[]): Uint8Array {
  const from = ["-in", "leaf.pem", "-inkey", "leaf.key", "-certfile", "ca.pem"];
  openssl("pkcs12", "-export", ...from, "-passout", `pass:${password}`, "-out", "out.pfx", ...options);
  return read("out.pfx");
}

function good(result: KeyAndChainResult): KeyAndChain {
  assert.ok("chain" in result, "problem" in result ? result.problem : "");
  return result;
}

function assertLeafAndAuthority(result: KeyAndChainResult): void {
  const { chain, key } = good(result);
  assert.deepEqual(
    chain.map(({ subject }) => subject),
    ["CN=leaf", "CN=Test CA"],
  );
  assert.ok(key !== null && chain[0].checkPrivateKey(key));
}

before(() => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), "key-and-chain-"));
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  openssl("req", "-x509", ...ec, "-nodes", "-days", "2", "-subj", "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.pem");
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE"];
  const leaf = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=leaf", ...signed];
  openssl("req", "-x509", ...leaf, "-keyout", "leaf.key", "-out", "leaf.pem");
});
after(() => {
  if (skip === false) rmSync(folder, { recursive: true });
});

describe("PKCS#12", { skip }, () => {
  it("of today's tools is read: AES, with a password beyond ASCII", () => {
    const file = pfx("sécret-€");
    assertLeafAndAuthority(readKeyAndChain(file, "sécret-€", enough));
    assert.deepEqual(readKeyAndChain(file, "secret", enough), { problem: "password" });
    assert.deepEqual(readKeyAndChain(file, "", enough), { problem: "password" });
  });

  it("of Windows and Key Vault is read: Triple DES, also with the empty password", () => {
    const old = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"];
    assertLeafAndAuthority(readKeyAndChain(pfx("secret", ...old), "secret", enough));
    assertLeafAndAuthority(readKeyAndChain(pfx("", ...old), "", enough));
    assert.deepEqual(readKeyAndChain(pfx("secret", ...old), "Secret", enough), { problem: "password" });
  });

  it("is read with other digests, with longer keys of its MAC, and without any protection", () => {
    for (const digest of ["sha256", "sha384", "sha512"]) {
      assertLeafAndAuthority(readKeyAndChain(pfx("p", "-macalg", digest), "p", enough));
    }
    for (const cipher of ["AES-128-CBC", "AES-192-CBC", "DES-EDE3-CBC"]) {
      assertLeafAndAuthority(readKeyAndChain(pfx("p", "-keypbe", cipher, "-certpbe", cipher), "p", enough));
    }
    assertLeafAndAuthority(readKeyAndChain(pfx("", "-keypbe", "NONE", "-certpbe", "NONE", "-nomac"), "", enough));
  });

  it("that was changed is refused, whichever byte it is", () => {
    const file = pfx("secret");
    let refused = 0;
    for (let at = 0; at < file.length; at += 37) {
      const changed = Uint8Array.from(file);
      changed[at] = (changed[at] as number) ^ 0x55;
      if ("problem" in readKeyAndChain(changed, "secret", enough)) refused += 1;
    }
    // Nothing reads a NULL of an algorithm's parameters, or what the outer lengths say beyond the file.
    assert.ok(refused >= Math.floor(file.length / 37) - 2, `${refused}`);
    for (let length = 0; length < file.length; length += 101) {
      assert.ok("problem" in readKeyAndChain(file.subarray(0, length), "secret", enough));
    }
  });

  it("is not worked on without end, in all its parts together", () => {
    const file = pfx("secret", "-iter", "60000", "-maciter");
    assert.deepEqual(readKeyAndChain(file, "secret", enough), { problem: "unreadable" });
    assertLeafAndAuthority(readKeyAndChain(file, "secret", 200_000));
  });

  it("of OpenSSL 1 and older Windows is read: RC2 with 40 bits and with 128", () => {
    for (const cipher of ["PBE-SHA1-RC2-40", "PBE-SHA1-RC2-128"]) {
      for (const keys of [cipher, "PBE-SHA1-3DES"]) {
        const file = pfx("secret", "-legacy", "-keypbe", keys, "-certpbe", cipher, "-macalg", "sha1");
        assertLeafAndAuthority(readKeyAndChain(file, "secret", enough));
        assert.deepEqual(readKeyAndChain(file, "Secret", enough), { problem: "password" });
      }
      const unproven = pfx("secret", "-legacy", "-keypbe", cipher, "-certpbe", cipher, "-nomac");
      assertLeafAndAuthority(readKeyAndChain(unproven, "secret", enough));
      assert.ok("problem" in readKeyAndChain(unproven, "Secret", enough));
    }
  });

  it("in a cipher that is not read is told from a wrong password", () => {
    const rc4 = ["-legacy", "-keypbe", "PBE-SHA1-RC4-128", "-certpbe", "PBE-SHA1-3DES"];
    assert.deepEqual(readKeyAndChain(pfx("secret", ...rc4), "secret", enough), { problem: "algorithm" });
  });

  it("may hold certificates alone, and need not have the leaf first", () => {
    openssl("pkcs12", "-export", "-nokeys", "-in", "ca.pem", "-passout", "pass:p", "-out", "out.pfx");
    const { chain, key } = good(readKeyAndChain(read("out.pfx"), "p", enough));
    assert.deepEqual([chain.length, key], [1, null]);
  });
});

describe("PEM", { skip }, () => {
  it("is put in order by the key", () => {
    assertLeafAndAuthority(readKeyAndChain(Buffer.concat([read("ca.pem"), read("leaf.key"), read("leaf.pem")]), "", 1));
  });

  it("may have its key encrypted", () => {
    const pem = String(read("leaf.pem"));
    for (const options of [[], ["-v1", "PBE-SHA1-3DES"], ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"]]) {
      openssl("pkcs8", "-topk8", "-in", "leaf.key", "-passout", "pass:pw", "-out", "leaf.enc", ...options);
      assert.ok(good(readPem(pem, String(read("leaf.enc")), "pw", enough)).key !== null);
      assert.deepEqual(readPem(pem, String(read("leaf.enc")), "", enough), { problem: "password" });
    }
    openssl("rsa", "-in", "leaf.key", "-aes128", "-traditional", "-passout", "pass:pw", "-out", "leaf.old");
    assert.ok(good(readPem(pem, String(read("leaf.old")), "pw", 0)).key !== null);
    openssl("pkcs8", "-topk8", "-in", "leaf.key", "-passout", "pass:pw", "-iter", "200000", "-out", "leaf.enc");
    assert.deepEqual(readPem(pem, String(read("leaf.enc")), "pw", enough), { problem: "unreadable" });
    openssl("pkcs8", "-topk8", "-in", "leaf.key", "-passout", "pass:pw", "-scrypt", "-out", "leaf.enc");
    assert.deepEqual(readPem(pem, String(read("leaf.enc")), "pw", enough), { problem: "algorithm" });
  });

  it("with another's key, with none that can be read, or without a certificate is refused", () => {
    assert.deepEqual(readPem(String(read("leaf.pem")), String(read("ca.key")), "", 0), { problem: "key-does-not-fit" });
    const damaged = String(read("leaf.key")).replace(/\n[A-Za-z0-9]{8}/, "\n@@@@@@@@");
    assert.deepEqual(readPem(String(read("leaf.pem")), damaged, "", 0), { problem: "password" });
    assert.deepEqual(readPem(String(read("leaf.key")), "", "", 0), { problem: "absent" });
    assert.deepEqual(readKeyAndChain(Buffer.from("nothing"), "", 1), { problem: "unreadable" });
  });

  it("is DER as well, of one certificate", () => {
    openssl("x509", "-in", "leaf.pem", "-outform", "der", "-out", "leaf.der");
    const { chain, key } = good(readKeyAndChain(read("leaf.der"), "", 1));
    assert.deepEqual([chain[0].subject, key], ["CN=leaf", null]);
  });
});

describe("PEM that is none", () => {
  it("ends where a block has no end, in a time that grows with its length alone", () => {
    const many = Buffer.from("-----BEGIN CERTIFICATE-----\n".repeat(200_000));
    const started = performance.now();
    assert.deepEqual(readKeyAndChain(many, "", 1), { problem: "absent" });
    assert.ok(performance.now() - started < 10_000);
    assert.deepEqual(readKeyAndChain(Buffer.from("-----BEGIN CERTIFICATE"), "", 1), { problem: "absent" });
  });
});

describe("BER that is none", () => {
  it("is refused, however deep, long or empty it is", () => {
    const deep = Buffer.alloc(5000, Buffer.from([0x30, 0x80]));
    for (const bytes of [
      deep,
      Buffer.from([0x30, 0x84, 255, 255, 255, 255]),
      Buffer.alloc(0),
      Buffer.from([0x1f, 0]),
    ]) {
      assert.deepEqual(readKeyAndChain(bytes, "", 1), { problem: "unreadable" });
    }
  });
});
