import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where the quick start keeps what it makes; below the gateway's data folder, which git ignores. */
export interface DemoFiles {
  readonly folder: string;
  readonly keyFile: string;
  readonly loginSecretFile: string;
  readonly stateFile: string;
}

export function demoFiles(data: string): DemoFiles {
  const folder = join(data, "demo");
  return {
    folder,
    keyFile: join(folder, "orders.key"),
    loginSecretFile: join(folder, "login.secret"),
    stateFile: join(folder, "state.json"),
  };
}

/** What the provider knows its clients by. */
export interface ClientSecrets {
  readonly serviceSecret: string;
  readonly loginSecret: string;
}

/** Secrets are made anew in each clone and readable by their owner only. */
export function ensureSecrets(files: DemoFiles): ClientSecrets {
  mkdirSync(files.folder, { recursive: true, mode: 0o700 });
  once(files.keyFile, () => `sp_${randomBytes(32).toString("base64url")}`);
  const secret = (): string => randomBytes(32).toString("base64url");
  return {
    serviceSecret: once(join(files.folder, "provider.secret"), secret),
    loginSecret: once(files.loginSecretFile, secret),
  };
}

function once(file: string, make: () => string): string {
  try {
    writeFileSync(file, make(), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readFileSync(file, "utf8").trim();
}

/** What a running quick start leaves for `demo credentials`. */
export interface DemoState {
  readonly url: string;
  readonly issuer: string;
  readonly redirectUri: string;
  readonly rootCertificate: string;
}

export function writeState(files: DemoFiles, state: DemoState): void {
  writeFileSync(files.stateFile, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
}

/** @throws Error that says how to start it, when no quick start has run here */
export function readState(files: DemoFiles): DemoState {
  try {
    return JSON.parse(readFileSync(files.stateFile, "utf8")) as DemoState;
  } catch (cause) {
    throw new Error(`the quick start has not run here (${files.stateFile} is missing); start it with: npm start`, {
      cause,
    });
  }
}
