import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer as createHttp2, connect as connectHttp2, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openRaw } from "#test/security/raw-client.ts";
import { type FrontProxy, startCaddy, startNginx } from "#test/support/front-proxy.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";

const size = 2_000_000;

/** A client's conversation over a plain socket, with the upload held back until 100 comes. */
async function converse(gateway: TestGateway, path: string, length: number = size): Promise<string> {
  const socket = await openRaw(gateway);
  let heard = "";
  let sent = false;
  socket.on("data", (chunk: Buffer) => {
    heard += chunk.toString("latin1");
    if (sent || !heard.startsWith("HTTP/1.1 100 Continue\r\n\r\n")) return;
    sent = true;
    socket.write(Buffer.alloc(length, "x"));
  });
  socket.write(
    `PUT ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`,
  );
  await once(socket, "close");
  return heard;
}

interface Curled {
  readonly status: number;
  readonly uploaded: number;
  readonly continued: boolean;
  readonly code: number | null;
}

/** `curl -T` of a file, which waits for 100 longer than we wait for the upstream's. */
async function curlUpload(file: string, url: string): Promise<Curled> {
  const args = ["-sv", "--noproxy", "*", "--expect100-timeout", "20", "-H", "Expect: 100-continue"];
  const child = spawn("curl", [...args, "-w", "%{http_code} %{size_upload}\n", "-o", "/dev/null", "-T", file, url]);
  let out = "";
  let trace = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (trace += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  const [status = 0, uploaded = 0] = out.trim().split(" ").map(Number);
  return { status, uploaded, continued: trace.includes("< HTTP/1.1 100"), code };
}

describe("Expect: 100-continue from end to end", () => {
  let gateway: TestGateway;
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  /** What the upstream of HTTP/1.1 has read, a text a connection. */
  const heads: string[] = [];
  let http2Bytes = 0;

  async function listen(server: Server): Promise<number> {
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  /** Decides by the path: `/no` refuses, `/ok` asks for the body, `/mute` waits for it and says nothing. */
  function serveRaw(socket: Socket): void {
    const nth = heads.push("") - 1;
    let asked = false;
    let received = 0;
    socket.on("data", (chunk: Buffer) => {
      if (asked) received += chunk.length;
      else heads[nth] += chunk.toString("latin1");
      if (!asked && heads[nth]?.includes("\r\n\r\n") === true) {
        asked = true;
        if (heads[nth].includes("/no")) socket.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        if (heads[nth].includes("/ok")) socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      }
      if (received === size)
        socket.write(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 7\r\n\r\n${received}`);
    });
  }

  function serveHttp2(stream: ServerHttp2Stream, fields: NodeJS.Dict<string | string[]>): void {
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => (http2Bytes += chunk.length));
    if (String(fields[":path"]).includes("/no")) {
      stream.respond({ ":status": 403 });
      stream.end("no");
      return;
    }
    assert.equal(fields["expect"], "100-continue");
    stream.additionalHeaders({ ":status": 100 });
    stream.on("end", () => {
      stream.respond({ ":status": 200 });
      stream.end(String(http2Bytes));
    });
  }

  before(async () => {
    const http2 = createHttp2();
    http2.on("stream", serveHttp2);
    http2.on("sessionError", () => {});
    const definition = `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  one: { path: /one, backend: one, access: public }
  two: { path: /two, backend: two, access: public }
  known: { path: /known, backend: one, access: [{ allow: principal.authenticated }] }
  small: { path: /small, backend: one, access: public, bodySize: 1KiB }
  limited: { path: /limited, backend: one, access: public, policies: { inbound: [base, { return-response: { status: 409 } }] } }
backends:
  one: { url: "http://127.0.0.1:${await listen(createTcp(serveRaw))}" }
  two: { url: "http://127.0.0.1:${await listen(http2)}", protocol: h2c }
`;
    gateway = await startTestGateway({ definition, args: ["--workers", "1"] });
  });
  after(async () => {
    await gateway?.cleanUp();
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
  });

  it("a refusal of ours costs no upload, and the upstream hears nothing", async () => {
    for (const [path, status] of [
      ["/nowhere", 404],
      ["/known", 401],
      ["/small", 413],
      ["/limited", 409],
    ] as const) {
      const heard = await converse(gateway, path);
      assert.match(heard, new RegExp(`^HTTP/1.1 ${status} [^]*\\r\\nConnection: close\\r\\n`), path);
    }
    assert.equal(heads.length, 0);
  });

  it("another expectation is 417", async () => {
    const socket = await openRaw(gateway);
    socket.write("PUT /one/ok HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nExpect: 200-ok\r\n\r\n");
    const [chunk] = (await once(socket, "data")) as [Buffer];
    assert.match(chunk.toString(), /^HTTP\/1.1 417 /);
    socket.destroy();
  });

  for (const upstream of ["one", "two"]) {
    it(`HTTP/1.1 to upstream ${upstream}: its 100 and its refusal reach the client`, async () => {
      http2Bytes = 0;
      const taken = await converse(gateway, `/${upstream}/ok`);
      assert.match(taken, /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 [^]*2000000/);
      http2Bytes = 0;
      const refused = await converse(gateway, `/${upstream}/no`);
      assert.match(refused, /^HTTP\/1.1 403 [^]*\r\nConnection: close\r\n[^]*no/);
      assert.equal(http2Bytes, 0);
    });

    it(`HTTP/2 to upstream ${upstream}: its 100 and its refusal reach the client`, async () => {
      http2Bytes = 0;
      const session = connectHttp2(gateway.url, { ca: gateway.ca });
      session.on("error", () => {});
      const outcomes: string[] = [];
      for (const path of ["ok", "no"]) {
        const stream = session.request({
          ":method": "PUT",
          ":path": `/${upstream}/${path}`,
          expect: "100-continue",
          "content-length": String(size),
        });
        stream.on("error", () => {});
        stream.on("headers", (fields) => {
          outcomes.push(`${fields[":status"]}`);
          stream.end(Buffer.alloc(size, "x"));
        });
        const [fields] = await once(stream, "response");
        outcomes.push(`${fields[":status"]}`);
        stream.resume();
        if (!stream.closed) await once(stream, "close");
      }
      session.close();
      assert.deepEqual(outcomes, ["100", "200", "403"]);
      assert.equal(http2Bytes, upstream === "two" ? size : 0);
    });
  }

  it("an upstream that says nothing gets the body after a second", async () => {
    const began = performance.now();
    assert.match(await converse(gateway, "/one/mute"), /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /);
    assert.ok(performance.now() - began >= 990);
  });

  it("the upstream was told to wait, once, and a refused upload never began", () => {
    assert.ok(heads.length > 3);
    for (const head of heads) {
      assert.equal(head.match(/^Expect: 100-continue\r$/gim)?.length, 1);
      assert.ok(head.endsWith("\r\n\r\n"));
    }
  });
});

describe("curl -T with Expect", needsCommand("curl"), () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-expect-"));
    writeFileSync(join(folder, "upload"), Buffer.alloc(size, "x"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [name, start, configuration] of [
    [
      "nginx",
      startNginx,
      (to: string) =>
        `location /no { client_max_body_size 10m; return 403; }\nlocation /ok { client_max_body_size 10m; proxy_pass ${to}; }\nlocation /small { client_max_body_size 1k; proxy_pass ${to}; }`,
    ],
    ["caddy", startCaddy, (to: string) => `\trespond /no* 403\n\trespond /small* 413\n\treverse_proxy /ok* ${to}`],
  ] as const) {
    it(`against real ${name}: a refusal costs no upload, an upload arrives`, needsCommand(name), async () => {
      let sink = 0;
      const application = createTcp((socket) => {
        let text = "";
        socket.on("error", () => {});
        socket.on("data", (chunk: Buffer) => {
          text += chunk.toString("latin1");
          const body = text.slice(text.indexOf("\r\n\r\n") + 4);
          const length = /^content-length: (\d+)/im.exec(text)?.[1];
          if (length === undefined ? !body.endsWith("\r\n0\r\n\r\n") : body.length < Number(length)) return;
          sink = body.length;
          socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        });
      });
      application.listen(0, "127.0.0.1");
      await once(application, "listening");
      const to = `http://127.0.0.1:${(application.address() as AddressInfo).port}`;
      let proxy: FrontProxy | null = null;
      let gateway: TestGateway | null = null;
      try {
        proxy = await start(configuration(to));
        const definition = `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
apis: { up: { path: /, backend: up, access: public } }
backends: { up: { url: "http://127.0.0.1:${proxy.port}" } }
`;
        gateway = await startTestGateway({ definition, args: ["--workers", "1"] });
        for (const [path, status] of [
          ["/no", 403],
          ["/small", 413],
        ] as const) {
          const refused = await curlUpload(join(folder, "upload"), `${gateway.url}${path}`);
          assert.deepEqual({ ...refused, code: 0 }, { status, uploaded: 0, continued: false, code: 0 }, path);
        }
        assert.deepEqual(await curlUpload(join(folder, "upload"), `${gateway.url}/ok`), {
          status: 200,
          uploaded: size,
          continued: true,
          code: 0,
        });
        assert.ok(sink >= size);
      } finally {
        await gateway?.cleanUp();
        await proxy?.stop();
        application.close();
      }
    });
  }
});
