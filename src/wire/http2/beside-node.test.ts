import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { diceOf, type Dice } from "#test/soak/support.ts";
import { ControlFrames } from "./control-frames.ts";
import { errorCode, frameFlag, frameType } from "./frame-names.ts";
import { FrameReader } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";
import { HeaderBlock } from "./header-block.ts";
import { HeaderDecoder } from "./header-decoder.ts";
import { HeaderEncoder } from "./header-encoder.ts";
import { readSettings } from "./peer-settings.ts";

/** A list of fields as a client or a server might have them: some of them again and again, some never twice. */
function fieldsOf(dice: Dice): string[] {
  const fields: string[] = [];
  for (let count = dice.below(12); count > 0; count -= 1) {
    const name = dice.pick([
      "x-one",
      "x-two",
      "user-agent",
      "cache-control",
      "x-secret",
      `x-${dice.below(200)}`,
      "via",
    ]);
    // Node refuses some of these twice.
    if (!fields.includes(name)) fields.push(name, valueOf(dice));
  }
  return fields;
}

function valueOf(dice: Dice): string {
  const length = dice.pick([0, 1, 3, 10, 40, 200, 2000]);
  const all = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/?%#[]{}|^`<>\"\\ ";
  if (dice.below(2) === 0) return `same ${dice.below(4)}`;
  const text = Array.from({ length }, () => dice.pick([...all])).join("");
  return text.trim();
}

/**
 * One end is ours and the other is Node's: what its encoder writes is read here as it was meant, and what is written
 * here its decoder reads.
 */
describe("HPACK and frames beside Node's http2", () => {
  let server: Server;
  let dice: Dice = diceOf(0);
  /** As they were read, and as they were sent. */
  let requests: (readonly string[])[] = [];
  let responses: (readonly string[])[] = [];
  const problems: string[] = [];

  before(async () => {
    server = createServer(serve);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => server.close());

  /** The least that a server of HTTP/2 does: it answers each head with another one. */
  function serve(socket: Socket): void {
    const control = new ControlFrames();
    const writer = new FrameWriter();
    const encoder = new HeaderEncoder();
    const decoder = new HeaderDecoder({ bytes: 1_000_000, fields: 1000 });
    const block = new HeaderBlock(1_000_000);
    const answer = (stream: number): void => {
      const list = decoder.decode(block.bytes, block.from, block.to);
      if (list === null || !list.isSound) problems.push("a block that cannot be read");
      requests.push(list?.fields ?? []);
      const fields = [":status", String(dice.pick([200, 204, 302, 404, 418])), ...fieldsOf(dice)];
      responses.push(fields);
      writer.headers(encoder, fields, frameFlag.endStream, stream);
    };
    const frame = (type: number, flags: number, stream: number, bytes: Buffer, from: number, to: number): void => {
      if (type === frameType.headers) {
        if (block.begin(flags, stream, bytes, from, to) !== errorCode.none) problems.push("a head that is none");
        if (block.stream === 0) answer(stream);
      } else if (type === frameType.continuation) {
        if (block.continue(flags, bytes, from, to) !== errorCode.none) problems.push("the rest of a head that is none");
        if (block.stream === 0) answer(stream);
      } else if (type === frameType.settings && (flags & frameFlag.ack) === 0) {
        const taker = { tableSize: (size: number) => encoder.setTableSize(size), initialWindow: () => true };
        if (readSettings(bytes, from, to, taker) !== errorCode.none) problems.push("settings that are none");
        control.settingsAck();
      }
    };
    const reader = new FrameReader({
      frame,
      dataBegins: () => problems.push("DATA that nobody sent"),
      data: () => {},
      dataEnds: () => {},
      malformed: (code) => void problems.push(`error ${code}`),
    });
    control.settings([[3, 1000]]);
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      writer.begin();
      // Cut where nobody would.
      for (let at = 0; at < bytes.length;) {
        const to = Math.min(bytes.length, at + 1 + dice.below(dice.pick([4, 400, 40_000])));
        reader.push(bytes.subarray(at, to));
        at = to;
      }
      const pieces = [control.bytes.subarray(0, control.length), writer.take()?.bytes ?? Buffer.alloc(0)];
      socket.write(Buffer.concat(pieces));
      control.clear();
    });
  }

  async function ask(session: ClientHttp2Session, sent: readonly string[]): Promise<void> {
    const stream = session.request([...sent] as unknown as IncomingHttpHeaders, { endStream: true });
    const at = requests.length;
    const [, , raw] = (await once(stream, "response")) as [unknown, unknown, string[]];
    stream.resume();
    await once(stream, "close");
    assert.deepEqual(requests[at], sent);
    assert.deepEqual(raw, responses[at]);
  }

  for (const headerTableSize of [0, 100, 4096, 65_536]) {
    it(`reads what it writes and is read, with a table of ${headerTableSize} bytes there`, async () => {
      const { port } = server.address() as AddressInfo;
      for (let seed = 1; seed <= 5; seed += 1) {
        dice = diceOf(seed);
        requests = [];
        responses = [];
        const session = connect(`http://127.0.0.1:${port}`, { settings: { headerTableSize } });
        await once(session, "remoteSettings");
        for (let count = 0; count < 40; count += 1) {
          const start = [":method", "GET", ":scheme", "https", ":path", `/${dice.below(9)}`, ":authority", "a.test"];
          if (count === 20) session.settings({ headerTableSize: dice.pick([0, 64, 4096]) });
          await ask(session, [...start, ...fieldsOf(dice)]);
        }
        session.destroy();
      }
      assert.deepEqual(problems, []);
    });
  }
});
