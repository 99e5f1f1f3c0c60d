import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { closing, eventually, makeCa, reply, run, type Running } from "#edge/harness.test.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { endHeaders, endStream, frame, frameType, literal, number32, preface } from "#test/soak/h2-frames.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const noError = 0;
const cancelled = 8;

async function open(port: number, ca: string, servername: string): Promise<TLSSocket> {
  const socket = connectTls({ port, host: "127.0.0.1", ca, servername, ALPNProtocols: ["h2"] });
  socket.on("error", () => {});
  socket.resume();
  await once(socket, "secureConnect");
  return socket;
}

/** The beginning of a session, with windows of the given size for what the peer sends, and a POST on stream 1. */
function post(authority: string, path: string, flags: number, window: number, more: readonly Buffer[] = []): Buffer {
  const setting = Buffer.concat([Buffer.from([0, 4]), number32(window)]);
  const fields = [Buffer.from([0x83, 0x87]), literal(":authority", authority), literal(":path", path), ...more];
  return Buffer.concat([
    preface,
    frame(frameType.settings, 0, 0, setting),
    frame(frameType.headers, endHeaders | flags, 1, Buffer.concat(fields)),
  ]);
}

const data = (text: string, flags: number = 0): Buffer => frame(frameType.data, flags, 1, Buffer.from(text));
const reset = (code: number): Buffer => frame(frameType.reset, 0, 1, number32(code));

/** Node ends a stream that was reset with NO_ERROR as if its body were over. */
describe("the end of an HTTP/2 request body", () => {
  let running: Running;
  let authorities: Awaited<ReturnType<typeof makeCa>>;
  const ends: string[] = [];
  let read = 0;
  let onRead = (_exchange: Exchange): void => {};
  let closed: Promise<boolean> | null = null;

  before(async () => {
    authorities = await makeCa();
    const { chain, key } = await authorities.ca.issue(["api.test"]);
    running = await run({
      tls: "internal",
      edge: { certificates: [{ hosts: ["api.test"], certPem: chain, keyPem: key }] },
      onExchange: (exchange) => {
        closed = closing(exchange);
        exchange.facts.body?.start({
          data: (chunk) => {
            read += chunk.byteLength;
            if (read === 4) onRead(exchange);
          },
          end: () => ends.push("whole"),
          fail: ({ code }) => ends.push(code),
        });
      },
    });
  });
  after(async () => {
    await running.stop();
    await authorities.remove();
  });

  /** @returns what the body's reader was told, and whether the exchange was complete */
  async function upload(
    first: Buffer,
    answer: (exchange: Exchange) => void,
    second: Buffer | null,
  ): Promise<readonly [ends: readonly string[], completed: boolean]> {
    ends.length = 0;
    read = 0;
    closed = null;
    onRead = answer;
    const socket = await open(running.https, authorities.ca.rootCertificatePem, "api.test");
    socket.write(Buffer.concat([post("api.test", "/", 0, 0), first]));
    await eventually(() => read === 4, "what there is of the body");
    if (second !== null) socket.write(second);
    const completed = await (closed as unknown as Promise<boolean>);
    socket.destroy();
    await eventually(() => running.edge.stats().connections === 0, "the connection is closed");
    return [[...ends], completed];
  }

  const held = (exchange: Exchange): void => reply(exchange, 200, "held back by the client's window");

  it("is END_STREAM", async () => {
    const answer = (exchange: Exchange): void => exchange.client.head(204, "", new HeaderList([]), undefined);
    const [told] = await upload(data("full", endStream), answer, null);
    assert.deepEqual(told, ["whole"]);
  });

  for (const [name, code] of [
    ["NO_ERROR", noError],
    ["CANCEL", cancelled],
  ] as const) {
    it(`is not a reset with ${name}, before an answer or while one waits to be taken`, async () => {
      assert.deepEqual(await upload(data("half"), () => {}, reset(code)), [["client-aborted"], false]);
      assert.deepEqual(await upload(data("half"), held, reset(code)), [["client-aborted"], false]);
    });
  }

  it("is not our own reset behind an answer that is whole", async () => {
    const answer = (exchange: Exchange): void => reply(exchange, 200, "");
    assert.deepEqual(await upload(data("half"), answer, null), [[], true]);
  });
});

describe("an HTTP/2 request body that is not what it says", () => {
  let gateway: TestGateway;
  let upstream: Server;
  /** What each connection to the upstream has carried, and whether it is still open. */
  const seen: { text: string; open: boolean }[] = [];
  const sockets = new Set<Socket>();

  before(async () => {
    upstream = createServer((socket) => {
      const one = { text: "", open: true };
      seen.push(one);
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("data", (chunk: Buffer) => (one.text += chunk.toString("latin1")));
      socket.on("close", () => (one.open = false));
    });
    upstream.listen(0, "127.0.0.1");
    await once(upstream, "listening");
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis: { up: { path: /up, backend: up, access: public } }
backends: { up: { url: "http://127.0.0.1:${(upstream.address() as AddressInfo).port}" } }
`,
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    for (const socket of sockets) socket.destroy();
    upstream.close();
  });

  const length = (bytes: number): Buffer => literal("content-length", String(bytes));

  it("never reaches the upstream as a whole one", async () => {
    const cases: readonly (readonly [path: string, declared: number | null, last: Buffer])[] = [
      ["/reset", null, reset(noError)],
      ["/cancelled", null, reset(cancelled)],
      ["/reset-sized", 8, reset(noError)],
      ["/shorter", 8, data("x", endStream)],
      ["/longer", 5, data("xyz", endStream)],
      ["/trailers", 8, frame(frameType.headers, endHeaders | endStream, 1, literal("x-sum", "1"))],
    ];
    for (const [path, declared, last] of cases) {
      const fields = declared === null ? [] : [length(declared)];
      const socket = await open(gateway.port, gateway.ca, "localhost");
      socket.write(Buffer.concat([post("localhost", `/up${path}`, 0, 65_535, fields), data("half")]));
      const mine = (): { text: string; open: boolean } | undefined =>
        seen.find(({ text }) => text.startsWith(`POST ${path} `));
      await eventually(() => mine()?.text.includes("half") === true, `${path} is under way`);
      socket.write(last);
      await eventually(() => mine()?.open === false, `${path} is broken off`);
      const body = mine()?.text.split("\r\n\r\n").slice(1).join("\r\n\r\n");
      assert.match(body ?? "", declared === null ? /^4\r\nhalf\r\n$/ : /^halfx?$/, path);
      assert.ok(declared === null || (body?.length ?? 0) < declared, path);
      socket.destroy();
    }
    const whole = await open(gateway.port, gateway.ca, "localhost");
    whole.write(Buffer.concat([post("localhost", "/up/whole", 0, 65_535), data("full", endStream)]));
    await eventually(() => seen.at(-1)?.text.endsWith("4\r\nfull\r\n0\r\n\r\n") === true, "a whole one arrives");
    whole.destroy();
  });

  it("is not taken at all when the head says that it has a length and is the end", async () => {
    const already = seen.length;
    const socket = await open(gateway.port, gateway.ca, "localhost");
    let heard = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => (heard = Buffer.concat([heard, chunk])));
    socket.write(post("localhost", "/up/none", endStream, 65_535, [length(8)]));
    const answered = reset(1);
    await eventually(() => heard.includes(answered), "the stream is reset as malformed");
    assert.equal(seen.length, already);
    socket.destroy();
  });

  it("is recorded as a client that went away", async () => {
    assert.equal(await gateway.stop(), 0);
    const folder = join(gateway.data, "audit");
    const lines = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n"));
    for (const path of ["reset", "cancelled", "reset-sized", "shorter", "longer", "trailers"]) {
      const line = lines.find((each) => each.includes(`"/up/${path}"`));
      assert.match(line ?? "", /"reasons":\["client-aborted"\],"status":499/, path);
    }
  });
});
