import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from "node:http2";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startStrictOrigin, type StrictOrigin, valuesOf } from "./strict-origin.ts";

/** HTTP/2 says the same things in other words; none of them may come out as something else on HTTP/1.1. */
describe("HTTP/2 against a real gateway", () => {
  let origin: StrictOrigin;
  let gateway: TestGateway;
  let session: ClientHttp2Session;

  before(async () => {
    origin = await startStrictOrigin();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }, limits: { headerSize: 8KiB, headerCount: 50 } }
apis:
  open: { path: /open, backend: up, access: public }
  closed: { path: /closed, backend: up, access: [{ allow: false }] }
  elsewhere: { hosts: [other.localhost], path: /elsewhere, backend: up, access: public }
backends: { up: { url: "${origin.url}" } }
`,
      args: ["--workers", "1"],
    });
    session = await open();
  });
  after(async () => {
    session.destroy();
    await gateway.cleanUp();
    await origin.close();
  });

  async function open(): Promise<ClientHttp2Session> {
    const made = connect(`https://localhost:${gateway.port}`, { ca: gateway.ca });
    made.on("error", () => {});
    await once(made, "connect");
    return made;
  }

  /** Status, or the code of the reset. */
  async function ask(
    headers: OutgoingHttpHeaders | readonly string[],
    over: ClientHttp2Session = session,
  ): Promise<string> {
    const stream = over.request(headers as OutgoingHttpHeaders);
    let answer = "";
    stream.on("response", (fields) => {
      answer = String(fields[":status"]);
    });
    stream.on("error", () => {});
    stream.resume();
    if (!stream.closed) await once(stream, "close").catch(() => {});
    return answer === "" ? `reset ${stream.rstCode}` : answer;
  }

  const usual = { ":method": "GET", ":path": "/open/x", ":scheme": "https" };

  it("serves what is in order", async () => {
    assert.equal(await ask({ ...usual, ":authority": "localhost" }), "200");
    assert.equal(await ask({ ...usual, ":authority": "localhost", host: "LOCALHOST" }), "200");
  });

  it("Host that differs from :authority, other hosts than the certificate's, no host: refused", async () => {
    origin.requests.length = 0;
    assert.equal(await ask({ ...usual, ":authority": "localhost", host: "other.localhost" }), "400");
    assert.equal(await ask({ ...usual, ":authority": "third.localhost" }), "421");
    assert.match(await ask({ ...usual, ":authority": "user@localhost" }), /^(400|reset 1)$/);
    assert.match(await ask({ ...usual, ":authority": "localhost:0" }), /^(400|reset 1)$/);
    assert.match(await ask({ ...usual, ":authority": "a b" }), /^(400|reset 1)$/);
    assert.equal(origin.requests.length, 0);
  });

  it("pseudo-header fields with anything but what they are for: refused or reset, never forwarded", async () => {
    origin.requests.length = 0;
    const odd: readonly OutgoingHttpHeaders[] = [
      { ...usual, ":path": "/open/x HTTP/1.1\r\nX-Evil: 1" },
      { ...usual, ":path": "/open/\u0000" },
      { ...usual, ":path": "open" },
      { ...usual, ":path": "*" },
      { ...usual, ":path": "https://localhost/open" },
      { ...usual, ":path": "/open#x" },
      { ...usual, ":path": "" },
      { ...usual, ":method": "GET /open HTTP/1.1" },
      { ...usual, ":method": "TRACE" },
      { ...usual, ":method": "CONNECT", ":scheme": undefined, ":path": undefined, ":authority": "localhost:1" },
      { ...usual, ":scheme": "gopher" },
      { ...usual, ":scheme": "https://x" },
    ];
    for (const headers of odd) {
      let outcome = "client refused";
      try {
        outcome = await ask({ ":authority": "localhost", ...headers }, await open());
      } catch {
        // Node's client does not write some of them.
      }
      assert.match(outcome, /^(4\d\d|reset [1-9]\d*|reset undefined|client refused)$/, JSON.stringify(headers));
    }
    assert.equal(origin.requests.length, 0);
  });

  /** Frames by hand, for what no client library writes. */
  async function rawHeaders(pairs: readonly (readonly [string, string])[]): Promise<string> {
    const literal = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, "latin1")]);
    const block = Buffer.concat(
      pairs.map(([name, value]) => Buffer.concat([Buffer.from([0]), literal(name), literal(value)])),
    );
    const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
      const head = Buffer.alloc(9);
      head.writeUIntBE(payload.length, 0, 3);
      head[3] = type;
      head[4] = flags;
      head.writeUInt32BE(stream, 5);
      return Buffer.concat([head, payload]);
    };
    const socket = connectTls({
      port: gateway.port,
      host: "localhost",
      servername: "localhost",
      ca: gateway.ca,
      ALPNProtocols: ["h2"],
    });
    socket.on("error", () => {});
    await once(socket, "secureConnect");
    const got: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => got.push(chunk));
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    socket.write(Buffer.concat([frame(4, 0, 0, Buffer.alloc(0)), frame(1, 5, 1, block)]));
    await sleep(150);
    socket.destroy();
    return typesOf(Buffer.concat(got));
  }

  /** Types of the frames that came for stream 1, and GOAWAY. */
  function typesOf(bytes: Buffer): string {
    const types: string[] = [];
    for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
      const type = bytes[at + 3];
      if (type === 1) types.push("HEADERS");
      if (type === 3) types.push("RESET");
      if (type === 7) types.push("GOAWAY");
    }
    return types.join(" ");
  }

  const good = [
    [":method", "GET"],
    [":scheme", "https"],
    [":path", "/open/raw"],
    [":authority", "localhost"],
  ] as const;

  it("malformed lists, byte by byte: doubled, late or unknown pseudo-headers, upper case, line ends, connection fields", async () => {
    origin.requests.length = 0;
    assert.equal(await rawHeaders(good), "HEADERS");
    assert.equal(origin.requests.length, 1, "the good one");
    const bad: readonly (readonly (readonly [string, string])[])[] = [
      [...good, [":path", "/closed"]],
      [...good, [":authority", "other"]],
      [...good, ["x", "1"], [":path", "/closed"]],
      [...good, [":status", "200"]],
      [...good, [":protocol", "websocket"]],
      [...good, [":unknown", "x"]],
      [...good, ["X-Upper", "1"]],
      [...good, ["connection", "close"]],
      [...good, ["connection", "x-auth-request-user"]],
      [...good, ["transfer-encoding", "chunked"]],
      [...good, ["upgrade", "h2c"]],
      [...good, ["keep-alive", "1"]],
      [...good, ["proxy-connection", "close"]],
      [...good, ["te", "gzip"]],
      [...good, ["host", "a"], ["host", "b"]],
      [...good, ["content-length", "1"], ["content-length", "2"]],
      [...good, ["content-length", "-1"]],
      [...good, ["content-length", "5"]],
    ];
    for (const list of bad) {
      await rawHeaders(list);
      assert.equal(origin.requests.length, 1, JSON.stringify(list.slice(good.length)));
    }
    // The HTTP/2 library leaves fields out that are none, instead of resetting the stream: the rest may go on.
    for (const list of [
      ["x y", "1"],
      ["x", "a\r\nx-evil: 1"],
      ["x", "a\0b"],
      ["x", "a\nb"],
      ["x:", "1"],
      ["", "x"],
    ] as const) {
      origin.requests.length = 0;
      await rawHeaders([...good, list]);
      for (const { fields } of origin.requests) {
        assert.equal(
          fields.some((text, at) => at % 2 === 0 && /^(x|x y|x:|x-evil|)$/i.test(text)),
          false,
          JSON.stringify(list),
        );
      }
    }
    assert.deepEqual(origin.violations, []);
  });

  it("identity and forwarded fields are as forged here as on HTTP/1.1", async () => {
    origin.requests.length = 0;
    const forged = {
      "x-auth-request-user": "forged",
      x_auth_request_user: "forged",
      "x-sallyport-assertion": "forged",
      "x-forwarded-for": "6.6.6.6",
      "x-request-id": "forged",
      forwarded: "for=6.6.6.6",
    };
    assert.equal(await ask({ ...usual, ":authority": "localhost", ...forged }), "200");
    const { fields = [] } = origin.requests[0] ?? {};
    assert.equal(
      fields.some((value) => /forged|6\.6\.6/.test(value)),
      false,
    );
    assert.deepEqual(valuesOf(fields, "x-forwarded-for"), ["127.0.0.1"]);
  });

  it("oversize lists: 431 or a reset, and the gateway goes on", async () => {
    const long = { ...usual, ":authority": "localhost", "x-long": "x".repeat(9000) };
    assert.match(await ask(long, await open()), /^(431|reset \d+|reset undefined)$/);
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, at) => [`x-${at}`, "1"]));
    assert.match(
      await ask({ ...usual, ":authority": "localhost", ...many }, await open()),
      /^(431|reset \d+|reset undefined)$/,
    );
    assert.equal((await call(gateway, "/open/after")).status, 200);
  });

  it("rapid reset ends the session, and others do not notice", async () => {
    const attacker = await open();
    let code: number | undefined;
    attacker.on("goaway", (given: number) => {
      code = given;
    });
    for (let round = 0; round < 40 && !attacker.destroyed; round += 1) {
      for (let count = 0; count < 50 && !attacker.destroyed; count += 1) {
        const stream = attacker.request({ ...usual, ":authority": "localhost" });
        stream.on("error", () => {});
        stream.close(constants.NGHTTP2_CANCEL);
      }
      await sleep(5);
    }
    for (let tries = 0; tries < 100 && !attacker.destroyed; tries += 1) await sleep(20);
    assert.ok(attacker.destroyed, "the session is over");
    assert.equal(code, constants.NGHTTP2_ENHANCE_YOUR_CALM);
    assert.equal(await ask({ ...usual, ":authority": "localhost" }), "200");
    assert.equal((await call(gateway, "/open/after")).status, 200);
  });
});
