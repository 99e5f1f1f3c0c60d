import { Buffer } from "node:buffer";
import { connect } from "node:net";
import type { DnsProviderSettings } from "#model/certificates.ts";
import type { Clock, Random } from "#model/ports.ts";
import { unusable } from "#edge/acme/problem.ts";
import { encodeUpdate, problemOfResponse, signMessage } from "./dns-update.ts";
import type { TxtRecords } from "./records.ts";

type Settings = Extract<DnsProviderSettings, { kind: "rfc2136" }>;

const timeoutMs = 15_000;
const maxResponse = 16 * 1024;

/** Dynamic updates, over TCP: signed ones do not always fit into a datagram. */
export function rfc2136Records(
  { server, zone, tsig }: Settings,
  zoneOf: (name: string) => Promise<string>,
  clock: Clock,
  random: Random,
): TxtRecords {
  const update = async (action: "add" | "remove", name: string, text: string): Promise<void> => {
    const id = Buffer.from(random.bytes(2)).readUInt16BE();
    const message = encodeUpdate({ id, zone: zone ?? (await zoneOf(name)), action, name, text });
    const key = tsig === null ? null : { ...tsig, secret: Buffer.from(tsig.secret.reveal(), "base64") };
    const response = await ask(server, key === null ? message : signMessage(message, key, clock.now()));
    const problem = problemOfResponse(response, id);
    if (problem !== null) throw unusable(`the name server ${server} refused to update ${name}: ${problem}`);
  };
  return {
    add: (name, text) => update("add", name, text),
    remove: (name, text) => update("remove", name, text),
  };
}

/** @see RFC 1035 §4.2.2 */
function ask(server: string, message: Buffer): Promise<Buffer> {
  const at = server.lastIndexOf(":");
  const host = server.slice(0, at).replaceAll(/[[\]]/g, "");
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(server.slice(at + 1)), timeout: timeoutMs });
    const deadline = setTimeout(() => failed(new Error("no answer in time")), timeoutMs);
    const chunks: Buffer[] = [];
    const done = (): void => {
      clearTimeout(deadline);
      socket.destroy();
    };
    const failed = (error: Error): void => {
      done();
      reject(unusable(`the name server ${server} cannot be reached: ${error.message}`, error));
    };
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      if (bytes.length > maxResponse) failed(new Error("too long an answer"));
      else if (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
        done();
        resolve(bytes.subarray(2, 2 + bytes.readUInt16BE(0)));
      }
    });
    socket.on("error", failed);
    socket.on("end", () => failed(new Error("it hung up")));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    socket.write(Buffer.concat([length, message]));
  });
}
