import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Client,
  credentials,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { opensslAbsent, TestCa } from "#upstream/certificates.test-helper.ts";

/** Messages are bytes as they are: what gRPC carries is not what is tested. */
const asIs = (bytes: Buffer): Buffer => bytes;
const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/test.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});
const service = {
  unary: method("Unary", false, false),
  collect: method("Collect", true, false),
  count: method("Count", false, true),
  talk: method("Talk", true, true),
};

/** What the upstream saw of calls that were given up. */
const cancelled: string[] = [];
let deadlineSeen = 0;

const unary: handleUnaryCall<Buffer, Buffer> = (call, done) => {
  const trailers = new Metadata();
  trailers.set("x-trailer", "behind");
  const wanted = String(call.request);
  deadlineSeen = Number(call.getDeadline()) - Date.now();
  if (wanted === "fail") done({ code: status.NOT_FOUND, details: "no such thing: ä", metadata: trailers });
  else if (wanted === "hang") call.on("cancelled", () => cancelled.push("unary"));
  else done(null, call.request, trailers);
};

const collect: handleClientStreamingCall<Buffer, Buffer> = (call, done) => {
  const parts: Buffer[] = [];
  call.on("data", (part: Buffer) => parts.push(part));
  call.on("end", () => done(null, Buffer.concat(parts)));
};

const count: handleServerStreamingCall<Buffer, Buffer> = (call) => {
  const wanted = String(call.request);
  if (wanted === "endless") {
    const timer = setInterval(() => call.write(Buffer.from("more")), 10);
    call.on("cancelled", () => {
      clearInterval(timer);
      cancelled.push("count");
    });
    return;
  }
  for (let nth = 0; nth < Number(wanted); nth += 1) call.write(Buffer.from(String(nth)));
  if (wanted === "3") call.end();
  else call.emit("error", { code: status.ABORTED, details: "half way" });
};

const talk: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
  call.on("data", (part: Buffer) => call.write(Buffer.concat([Buffer.from("re: "), part])));
  call.on("end", () => call.end());
};

const large = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

function startServer(secure: ServerCredentials): Promise<{ port: number; server: Server }> {
  const server = new Server(large);
  server.addService(service, { unary, collect, count, talk });
  return new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", secure, (error, port) => {
      if (error === null) resolve({ port, server });
      else reject(error);
    }),
  );
}

class EchoClient extends Client {
  unary(text: Buffer | string, metadata = new Metadata(), deadline = Date.now() + 10_000): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = service.unary;
      this.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        Buffer.from(text),
        metadata,
        { deadline },
        (error, answer) => {
          if (error === null) resolve(answer as Buffer);
          else reject(error);
        },
      );
    });
  }

  collect(parts: readonly Buffer[]): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const call = this.makeClientStreamRequest<Buffer, Buffer>(service.collect.path, asIs, asIs, (error, answer) => {
        if (error === null) resolve(answer as Buffer);
        else reject(error);
      });
      for (const part of parts) call.write(part);
      call.end();
    });
  }

  count(text: string) {
    return this.makeServerStreamRequest<Buffer, Buffer>(service.count.path, asIs, asIs, Buffer.from(text));
  }

  talk() {
    return this.makeBidiStreamRequest<Buffer, Buffer>(service.talk.path, asIs, asIs);
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds() && tries < 250; tries += 1) await sleep(20);
  assert.ok(holds(), "in time");
}

describe("gRPC through the gateway", { skip: opensslAbsent }, () => {
  let ca: TestCa;
  let gateway: TestGateway;
  const servers: Server[] = [];
  const clients: EchoClient[] = [];

  before(async () => {
    ca = new TestCa();
    const { cert, key } = ca.issue("DNS:localhost");
    const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
    const secure = await startServer(ServerCredentials.createSsl(null, [pair]));
    const clear = await startServer(ServerCredentials.createInsecure());
    servers.push(secure.server, clear.server);
    const listen = `listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }`;
    const api = (name: string, host: string, rest: string): string =>
      `  ${name}: { hosts: [${host}], path: /, ${rest} }\n`;
    const limited = "policies: { inbound: [ { rate-limit-by-key: { calls: 1, period: 60s, key: all } } ] }";
    const definition = `version: 1
edge: { https: internal, ${listen}, limits: { bodySize: 64MiB, bodyIdleTimeout: 500ms } }
apis:
${api("secure", "localhost", "backend: secure, access: public")}${api("clear", "clear.localhost", "backend: clear, access: public")}${api(
      "closed",
      "closed.localhost",
      "backend: clear, access: [ { allow: 'false' } ]",
    )}${api("limited", "limited.localhost", `backend: clear, access: public, ${limited}`)}${api(
      "down",
      "down.localhost",
      "backend: down, access: public",
    )}${api("slow", "slow.localhost", "backend: clear, access: public, timeout: 300ms")}  part: { hosts: [part.localhost], path: /test.Echo, backend: clear, access: public }
backends:
  secure: { url: "https://localhost:${secure.port}", protocol: h2, ca: ca.pem }
  clear: { url: "http://127.0.0.1:${clear.port}", protocol: h2c }
  down: { url: "http://127.0.0.1:1", protocol: h2c }
`;
    gateway = await startTestGateway({ definition, files: { "ca.pem": ca.pem }, args: ["--workers", "1"] });
  });
  after(async () => {
    for (const client of clients) client.close();
    await gateway?.cleanUp();
    for (const server of servers) server.forceShutdown();
    ca?.remove();
  });

  function clientOf(host: string): EchoClient {
    const trust = credentials.createSsl(Buffer.from(gateway.ca));
    const names = { "grpc.ssl_target_name_override": host, "grpc.default_authority": `${host}:${gateway.port}` };
    const client = new EchoClient(`127.0.0.1:${gateway.port}`, trust, { ...names, ...large });
    clients.push(client);
    return client;
  }

  const failure = async (call: Promise<unknown>): Promise<ServiceError> =>
    call.then(
      () => assert.fail("it did not fail"),
      (error: ServiceError) => error,
    );

  for (const host of ["localhost", "clear.localhost"]) {
    describe(host === "localhost" ? "over TLS" : "over clear text", () => {
      it("carries unary calls, their deadline, their errors and trailers", async () => {
        const client = clientOf(host);
        assert.equal(String(await client.unary("hello")), "hello");
        assert.ok(deadlineSeen > 5000 && deadlineSeen <= 10_000, String(deadlineSeen));
        const error = await failure(client.unary("fail"));
        assert.deepEqual([error.code, error.details], [status.NOT_FOUND, "no such thing: ä"]);
        assert.deepEqual(error.metadata.get("x-trailer"), ["behind"]);
      });

      it("carries messages of many megabytes both ways", async () => {
        const big = Buffer.alloc(8 * 1024 * 1024, "x");
        assert.equal((await clientOf(host).unary(big)).length, big.length);
      });

      it("carries streams of the client, of the server, and of both at once", async () => {
        const client = clientOf(host);
        assert.equal(String(await client.collect(["a", "b", "c"].map((part) => Buffer.from(part)))), "abc");
        const parts: string[] = [];
        for await (const part of client.count("3")) parts.push(String(part));
        assert.deepEqual(parts, ["0", "1", "2"]);
        const both = client.talk();
        const heard: string[] = [];
        both.on("data", (part: Buffer) => heard.push(String(part)));
        both.write(Buffer.from("one"));
        await until(() => heard.length === 1);
        // Longer than a body may be silent that nobody has answered yet.
        await sleep(1200);
        both.write(Buffer.from("two"));
        await until(() => heard.length === 2);
        both.end();
        await new Promise((resolve) => both.on("end", resolve));
        assert.deepEqual(heard, ["re: one", "re: two"]);
      });

      it("passes a failure in the midst of a stream, and a call that is given up", async () => {
        const client = clientOf(host);
        const parts: string[] = [];
        const broken = (async () => {
          for await (const part of client.count("2")) parts.push(String(part));
        })();
        assert.equal((await failure(broken)).code, status.ABORTED);
        assert.deepEqual(parts, ["0", "1"]);
        cancelled.length = 0;
        const endless = client.count("endless");
        endless.on("error", () => {});
        await new Promise((resolve) => endless.once("data", resolve));
        endless.cancel();
        await until(() => cancelled.includes("count"));
        const late = await failure(client.unary("hang", new Metadata(), Date.now() + 200));
        assert.equal(late.code, status.DEADLINE_EXCEEDED);
        await until(() => cancelled.includes("unary"));
      });
    });
  }

  describe("refuses so that a gRPC client understands", () => {
    async function refusal(host: string, path = service.unary.path): Promise<readonly unknown[]> {
      const client = clientOf(host);
      const error = await failure(
        new Promise((resolve, reject) =>
          client.makeUnaryRequest(path, asIs, asIs, Buffer.from("hang"), (wrong, answer) =>
            wrong === null ? resolve(answer) : reject(wrong),
          ),
        ),
      );
      return [error.code, error.metadata.get("x-sallyport-reason")[0]];
    }

    it("who it is, what it may, how often, and what is not there", async () => {
      assert.deepEqual(await refusal("closed.localhost"), [status.UNAUTHENTICATED, "credentials-missing"]);
      assert.equal(String(await clientOf("limited.localhost").unary("one")), "one");
      assert.deepEqual(await refusal("limited.localhost"), [status.RESOURCE_EXHAUSTED, "rate-limit-exceeded"]);
      assert.deepEqual(await refusal("part.localhost", "/other.Service/Call"), [
        status.UNIMPLEMENTED,
        "route-not-found",
      ]);
      assert.deepEqual(await refusal("slow.localhost"), [status.DEADLINE_EXCEEDED, "upstream-timeout"]);
      assert.deepEqual(await refusal("down.localhost"), [status.UNAVAILABLE, "upstream-connect-failed"]);
    });
  });

  it("sees the upstream die in the midst of a stream as a failure, never as its end", async () => {
    const client = clientOf("clear.localhost");
    const endless = client.count("endless");
    const ended = new Promise<ServiceError>((resolve) => endless.once("error", resolve));
    await new Promise((resolve) => endless.once("data", resolve));
    endless.on("data", () => {});
    servers[1]?.forceShutdown();
    const { code } = await ended;
    assert.notEqual(code, status.OK);
  });
});
