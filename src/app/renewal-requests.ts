import { type FSWatcher, mkdirSync, watch } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type RevocationReason, revocationReasons } from "#model/revocation.ts";
import type { Log } from "#model/ports.ts";

/** Somebody at the command line wants another certificate. */
export interface RenewalRequest {
  readonly name: string;
  /** The one before is revoked for this reason, when the new one is there. */
  readonly revoke: RevocationReason | null;
}

const folderOf = (dataPath: string): string => join(dataPath, "requests");
const ending = ".json";

/** Leaves a request for the gateway that runs with the data folder, or that will. @param id unlike that of any other */
export async function leaveRenewalRequest(dataPath: string, request: RenewalRequest, id: string): Promise<void> {
  const folder = folderOf(dataPath);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${id}${ending}`);
  await writeFile(`${file}.tmp`, JSON.stringify(request), { mode: 0o600 });
  await rename(`${file}.tmp`, file);
}

/** Takes requests from the data folder as they come. What cannot be read is removed, and logged. */
export class RenewalRequests {
  readonly #folder: string;
  readonly #take: (request: RenewalRequest) => Promise<void>;
  readonly #log: Log;
  readonly #watcher: FSWatcher;
  #last: Promise<void> = Promise.resolve();

  constructor(dataPath: string, take: (request: RenewalRequest) => Promise<void>, log: Log) {
    this.#folder = folderOf(dataPath);
    this.#take = take;
    this.#log = log;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#watcher = watch(this.#folder, () => this.look());
    this.#watcher.unref();
    this.#watcher.on("error", () => this.#watcher.close());
  }

  /** Once more after each change: what came while it looked is not missed. */
  look(): void {
    this.#last = this.#last
      .then(() => this.#lookOnce())
      .catch((error: unknown) => this.#log.warn("requests for certificates cannot be read", { error: String(error) }));
  }

  close(): void {
    this.#watcher.close();
  }

  async #lookOnce(): Promise<void> {
    for (const name of (await readdir(this.#folder)).filter((one) => one.endsWith(ending))) {
      const file = join(this.#folder, name);
      const request = parse(await readFile(file, "utf8"));
      await rm(file, { force: true });
      if (request === null) this.#log.warn("a request for a certificate makes no sense", { file });
      else await this.#take(request);
    }
  }
}

function parse(text: string): RenewalRequest | null {
  try {
    const { name, revoke } = JSON.parse(text) as { readonly name?: unknown; readonly revoke?: unknown };
    if (typeof name !== "string") return null;
    if (revoke === null) return { name, revoke };
    return typeof revoke === "string" && Object.hasOwn(revocationReasons, revoke)
      ? { name, revoke: revoke as RevocationReason }
      : null;
  } catch {
    return null;
  }
}
