import { Buffer } from "node:buffer";
import { type Checkpoint, readCheckpoint } from "#audit/merkle/checkpoint.ts";
import { cosignatureOf, readWitnessKey } from "#audit/merkle/cosignature.ts";
import { proofText } from "#audit/merkle/proof-text.ts";
import { noteText } from "#audit/merkle/signed-note.ts";
import { proveGrowth } from "#audit/read/prove.ts";
import type { AuditCosigner } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Egress } from "#model/ports.ts";

export interface CosignerOptions {
  readonly settings: AuditCosigner;
  /** Of the record. */
  readonly directory: string;
  readonly egress: Pick<Egress, "fetch">;
  readonly timeoutMs: number;
}

const maxAnswerBytes = 64 * 1024;
const sizeType = "text/x.tlog.size";

/** What a witness's answers mean that are no cosignature. */
const refusals: Readonly<Record<number, string>> = {
  400: "it takes the request for malformed",
  403: "it does not take the log's signature: give it what `sallyport audit key` prints",
  404: "it does not know this log: give it what `sallyport audit key` prints",
  422: "it does not take the proof that the record goes on from what it has seen",
};

/**
 * Has checkpoints cosigned by a witness, which is shown that each goes on from the one before.
 * @see https://c2sp.org/tlog-witness
 */
export class Cosigner {
  readonly #options: CosignerOptions;
  /** Lines that the witness has seen; of the first question it says so itself. */
  #seen = 0;

  constructor(options: CosignerOptions) {
    this.#options = options;
  }

  /**
   * @returns the checkpoint with the witness's signature under it
   * @throws GatewayError `service-refused` with what is to be done about it
   */
  async cosign(note: string): Promise<string> {
    const checkpoint = readCheckpoint(note);
    if (checkpoint === undefined) throw refused("there is no checkpoint to show it");
    let answer = await this.#ask(checkpoint);
    if (answer.status === 409 && answer.headers.get("content-type") === sizeType) {
      this.#seen = this.#sizeIn(answer.body, checkpoint);
      answer = await this.#ask(checkpoint);
    }
    if (answer.status !== 200) {
      throw refused(refusals[answer.status] ?? `it answered with status ${answer.status}`);
    }
    const cosigned = this.#cosigned(note, checkpoint, Buffer.from(answer.body).toString("utf8"));
    this.#seen = checkpoint.size;
    return cosigned;
  }

  async #ask(checkpoint: Checkpoint): ReturnType<Egress["fetch"]> {
    const { settings, egress, timeoutMs } = this.#options;
    const body = Buffer.from(proofText({ ...(await this.#growth(checkpoint)), checkpoint }));
    const url = `${settings.url.replace(/\/+$/, "")}/add-checkpoint`;
    const headers = ["Content-Type", "text/plain; charset=utf-8"];
    return egress.fetch({ url, method: "POST", headers, body, timeoutMs, maxBytes: maxAnswerBytes, declared: true });
  }

  async #growth(checkpoint: Checkpoint) {
    const oldSize = this.#seen;
    if (oldSize === 0 || oldSize === checkpoint.size) return { kind: "growth", oldSize, path: [] } as const;
    const proof = await proveGrowth(this.#options.directory, { size: oldSize }, checkpoint);
    if (typeof proof !== "string") return proof;
    throw refused(`it has seen ${oldSize} lines, and what was retired since leaves no proof that the record goes on`);
  }

  /** Witnesses never go back: a record that was put back from a backup needs a new name for its log. */
  #sizeIn(body: Uint8Array, { size }: Checkpoint): number {
    const text = Buffer.from(body).toString("latin1").trim();
    const seen = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(seen) || seen === this.#seen) throw refused("it does not say how much it has seen");
    if (seen <= size) return seen;
    throw refused(`it has seen ${seen} lines, and the record has ${size}: some are gone, or it was put back`);
  }

  #cosigned(note: string, { note: { text, signatures } }: Checkpoint, lines: string): string {
    const key = readWitnessKey(this.#options.settings.key);
    const answered = readCheckpoint(`${note}${lines}`);
    const found = answered === undefined || key === undefined ? undefined : cosignatureOf(answered, key);
    if (found === undefined || found === "bad") throw refused("what it answers is not signed by the witness's key");
    return noteText({ text, signatures: [...signatures, found.signature] });
  }
}

function refused(message: string): GatewayError {
  return new GatewayError("service-refused", 502, message);
}
