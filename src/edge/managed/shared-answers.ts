import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory } from "#edge/ca-files.ts";
import type { AlpnChallenge, HttpChallenge, PendingChallenges } from "#edge/edge-types.ts";
import type { Pause } from "#edge/acme/poll.ts";
import type { SecretFiles } from "#edge/secret-files.ts";
import type { Log } from "#model/ports.ts";

/** How often a node looks what the others have pending. */
const lookEveryMs = 500;
/** Until every node has looked and told its workers: a load balancer may send the authority to any of them. */
const spreadMs = 3 * lookEveryMs;
/** An answer whose node died is of no use to anybody. */
const keptForMs = 3_600_000;
/** Strangers cannot write there; a folder that grew all the same must not fill the memory. */
const most = 1000;

export type SharedAnswer =
  | { readonly kind: "http"; readonly at: number; readonly answer: HttpChallenge }
  | { readonly kind: "alpn"; readonly at: number; readonly answer: AlpnChallenge };

/** Answers that are pending on nodes with one storage, in its folder `challenges`. */
export class SharedAnswers {
  readonly #folder: string;
  readonly #files: SecretFiles;
  readonly #pause: Pause;
  readonly #log: Log;

  constructor(storage: string, files: SecretFiles, pause: Pause, log: Log) {
    this.#folder = join(storage, "challenges");
    this.#files = files;
    this.#pause = pause;
    this.#log = log;
  }

  /** Resolves when the other nodes have had the time to take it up. @param id base64url */
  async put(id: string, answer: SharedAnswer): Promise<void> {
    await makeDirectory(this.#folder);
    await this.#files.write(this.#fileOf(id), JSON.stringify(answer));
    await this.#pause(spreadMs);
  }

  async remove(id: string): Promise<void> {
    await rm(this.#fileOf(id), { force: true });
  }

  /** Tells what is pending when it has changed, until the gateway stops. @param now of the node's clock */
  async watch(now: () => number, changed: (pending: PendingChallenges) => Promise<void>): Promise<void> {
    await makeDirectory(this.#folder);
    for (let before = ""; ;) {
      try {
        const names = (await readdir(this.#folder)).filter((name) => name.endsWith(".json")).toSorted();
        const shown = names.join();
        if (shown !== before) await changed(await this.#read(names.slice(0, most), now()));
        before = shown;
      } catch (error) {
        this.#log.warn("the challenges of other nodes cannot be read", { error: String(error) });
      }
      await this.#pause(lookEveryMs);
    }
  }

  async #read(names: readonly string[], now: number): Promise<PendingChallenges> {
    const answers: SharedAnswer[] = [];
    for (const name of names) {
      const file = join(this.#folder, name);
      const text = await this.#files.read(file);
      const answer = text === null ? null : (JSON.parse(text) as SharedAnswer);
      if (answer !== null && answer.at < now - keptForMs) await rm(file, { force: true });
      else if (answer !== null) answers.push(answer);
    }
    return {
      http: answers.flatMap((one) => (one.kind === "http" ? [one.answer] : [])),
      alpn: answers.flatMap((one) => (one.kind === "alpn" ? [one.answer] : [])),
    };
  }

  #fileOf(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}
