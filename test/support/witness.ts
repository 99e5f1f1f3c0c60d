import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { isContinued } from "#audit/merkle/check-proof.ts";
import { type Checkpoint, readCheckpoint } from "#audit/merkle/checkpoint.ts";
import { isSignedBy, type LogKey } from "#audit/merkle/log-key.ts";

export interface TestWitness {
  /** Submission prefix. */
  readonly url: string;
  /** `name+id+base64`. */
  readonly key: string;
  /** The log that it takes checkpoints of; null: none. */
  log: LogKey | null;
  /** Newest checkpoint that it has cosigned. */
  readonly seen: Checkpoint | null;
  /** Status of each answer. */
  readonly answers: readonly number[];
  /** Answers with a signature of nobody. */
  isForging: boolean;
  close(): Promise<void>;
}

/**
 * A stand-in for a witness, since none runs here: the rules of https://c2sp.org/tlog-witness in the order of that page,
 * and cosignatures as https://c2sp.org/tlog-cosignature has them, written apart from what reads them.
 */
export async function startWitness(
  algorithm: "ed25519" | "ml-dsa-44" = "ed25519",
  name: string = "witness.example/w1",
): Promise<TestWitness> {
  const isEd25519 = algorithm === "ed25519";
  const { privateKey, publicKey } = isEd25519 ? generateKeyPairSync("ed25519") : generateKeyPairSync("ml-dsa-44");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(isEd25519 ? -32 : -1312);
  const typed = Buffer.concat([Buffer.from([isEd25519 ? 4 : 6]), raw]);
  const id = createHash("sha256").update(`${name}\n`).update(typed).digest().subarray(0, 4);
  const answers: number[] = [];
  let seen: Checkpoint | null = null;

  function judge(body: string): [status: number, text: string, type?: string] {
    const split = body.indexOf("\n\n");
    const [first = "", ...path] = body.slice(0, split).split("\n");
    const old = Number(/^old (0|[1-9]\d*)$/.exec(first)?.[1]);
    const checkpoint = readCheckpoint(body.slice(split + 2));
    if (checkpoint === undefined || Number.isNaN(old) || path.length > 63) return [400, ""];
    if (checkpoint.origin !== witness.log?.name) return [404, ""];
    if (!isSignedBy(checkpoint.note, witness.log)) return [403, ""];
    if (old > checkpoint.size) return [400, ""];
    if (old !== (seen?.size ?? 0)) return [409, `${seen?.size ?? 0}\n`, "text/x.tlog.size"];
    if (seen !== null && old === checkpoint.size && seen.root !== checkpoint.root) return [409, ""];
    const hashes = path.map((one) => Buffer.from(one, "base64").toString("hex"));
    const isGrowth =
      old === 0 || old === checkpoint.size ? path.length === 0 : isContinued(seen as Checkpoint, checkpoint, hashes);
    if (!isGrowth) return [422, ""];
    seen = checkpoint;
    return [200, cosign(checkpoint, privateKey)];
  }

  /** A `cosigned_message`: label, names with a byte of length before, times and sizes of eight bytes. */
  function treeMessage({ origin, size, root }: Checkpoint, stamp: Buffer): Buffer {
    const end = Buffer.alloc(16);
    end.writeUInt32BE(size, 12);
    const text = `subtree/v1\n\0${String.fromCharCode(name.length)}${name}`;
    const log = `${String.fromCharCode(origin.length)}${origin}`;
    return Buffer.concat([Buffer.from(text), stamp, Buffer.from(log), end, Buffer.from(root, "hex")]);
  }

  function cosign(checkpoint: Checkpoint, key: KeyObject): string {
    const time = Math.floor(Date.now() / 1000);
    const stamp = Buffer.alloc(8);
    stamp.writeUInt32BE(time, 4);
    const text = Buffer.from(`cosignature/v1\ntime ${time}\n${checkpoint.note.text}`);
    const signature = sign(null, isEd25519 ? text : treeMessage(checkpoint, stamp), key);
    if (witness.isForging) signature[7] = (signature[7] ?? 0) ^ 1;
    return `— ${name} ${Buffer.concat([id, stamp, signature]).toString("base64")}\n`;
  }

  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const isAsked = request.method === "POST" && request.url === "/w/add-checkpoint";
      const [status, text, type = "text/plain"] = isAsked ? judge(body) : [404, ""];
      answers.push(status);
      response.writeHead(status, { "Content-Type": type }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const witness: TestWitness = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/w`,
    key: `${name}+${id.toString("hex")}+${typed.toString("base64")}`,
    log: null,
    get seen() {
      return seen;
    },
    answers,
    isForging: false,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return witness;
}
