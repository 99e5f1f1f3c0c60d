import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "./free-port.ts";

/** A redis-server of its own: on two ports of loopback, one with TLS, with a password, keeping nothing on disk. */
export class TestRedis {
  readonly port: number;
  readonly tlsPort: number;
  readonly password: string = "a password with spaces, and: more";
  readonly folder: string = mkdtempSync(join(tmpdir(), "sallyport-redis-"));
  #child: ChildProcess | null = null;

  private constructor([port = 0, tlsPort = 0]: readonly number[]) {
    this.port = port;
    this.tlsPort = tlsPort;
    const subject = ["-subj", "/CN=cache", "-addext", "subjectAltName=DNS:localhost"];
    const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", this.#path("key.pem")];
    execFileSync("openssl", ["req", "-x509", ...made, "-out", this.certificate, "-days", "2", ...subject], {
      stdio: "ignore",
    });
  }

  /** PEM file; signed by itself. */
  get certificate(): string {
    return this.#path("cert.pem");
  }

  static async start(): Promise<TestRedis> {
    const server = new TestRedis(await freePorts(2));
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const own = ["--port", String(this.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    const tls = ["--tls-port", String(this.tlsPort), "--tls-cert-file", this.certificate, "--tls-auth-clients", "no"];
    const key = ["--tls-key-file", this.#path("key.pem"), "--tls-ca-cert-file", this.certificate];
    const args = [...own, ...tls, ...key, "--dir", this.folder, "--requirepass", this.password];
    this.#child = spawn("redis-server", args, { stdio: "ignore" });
    for (let tries = 0; ; tries += 1) {
      try {
        if (this.cli("PING") === "PONG") return;
      } catch {
        // It is not up yet.
      }
      if (tries > 200) throw new Error("redis-server did not start");
      await sleep(50);
    }
  }

  /** Runs one command. */
  cli(...args: readonly string[]): string {
    const env = { ...process.env, REDISCLI_AUTH: this.password };
    return execFileSync("redis-cli", ["-p", String(this.port), ...args], {
      env,
      encoding: "utf8",
      stdio: "pipe",
    }).trim();
  }

  /** Stops answering, and keeps its connections. */
  hang(): void {
    this.#child?.kill("SIGSTOP");
  }

  goOn(): void {
    this.#child?.kill("SIGCONT");
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.folder, name);
  }
}
