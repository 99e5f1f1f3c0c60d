import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why certificates cannot be made here, or false. */
export const opensslAbsent: string | false = missing();

const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
const rsa = ["-newkey", "rsa:2048", "-nodes"];

export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A CA of a test's own, and certificates from it, in a folder that goes with it. */
export class TestCa {
  readonly folder: string = mkdtempSync(join(tmpdir(), "test-ca-"));
  readonly pem: string;
  #serial = 1;

  constructor() {
    openssl("req", "-x509", ...curve, "-days", "2", "-subj", "/CN=Test CA", ...this.#files("ca"));
    this.pem = readFileSync(join(this.folder, "ca.pem"), "utf8");
  }

  /** `subject`: as `subjectAltName` takes it: `DNS:localhost`, `IP:127.0.0.1`. */
  issue(subject: string, kind: "ec" | "rsa" = "ec", name = "/CN=test"): TestCertificate {
    this.#serial += 1;
    const file = `leaf${this.#serial}`;
    const signing = ["-CA", join(this.folder, "ca.pem"), "-CAkey", join(this.folder, "ca.key")];
    const names = ["-addext", `subjectAltName=${subject}`, "-addext", "basicConstraints=critical,CA:FALSE"];
    const newKey = kind === "ec" ? curve : rsa;
    openssl("req", "-x509", ...newKey, "-days", "2", "-subj", name, ...signing, ...names, ...this.#files(file));
    const read = (part: string): string => readFileSync(join(this.folder, `${file}.${part}`), "utf8");
    return { cert: read("pem"), key: read("key") };
  }

  /** The same as PKCS#12. */
  pfx({ cert, key }: TestCertificate, password: string): Uint8Array {
    const files = [join(this.folder, "pair.pem"), join(this.folder, "pair.pfx")] as const;
    writeFileSync(files[0], cert + key);
    openssl("pkcs12", "-export", "-in", files[0], "-passout", `pass:${password}`, "-out", files[1]);
    return readFileSync(files[1]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #files(name: string): string[] {
    return ["-keyout", join(this.folder, `${name}.key`), "-out", join(this.folder, `${name}.pem`)];
  }
}

function openssl(...parameters: string[]): void {
  execFileSync("openssl", parameters, { stdio: "pipe" });
}

function missing(): string | false {
  try {
    openssl("version");
    return false;
  } catch {
    // Where everything optional is required, a missing component is a failure of the test that needs it.
    return process.env["SALLYPORT_REQUIRE"] === "all" ? false : "openssl is not installed";
  }
}
