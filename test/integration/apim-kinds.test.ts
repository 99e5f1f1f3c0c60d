import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Client, credentials, Metadata, Server, ServerCredentials } from "@grpc/grpc-js";
import { buildSchema, graphql } from "graphql";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { nextMessage, startWebSocketUpstream, webSocketTo, type WebSocketUpstream } from "#test/support/web-socket.ts";

const asIs = (bytes: Buffer): Buffer => bytes;
const path = "/test.Echo/Unary";

/** A real server that sends back what it is sent. */
function startGrpc(): Promise<{ readonly url: string; readonly server: Server }> {
  const server = new Server();
  const bytes = {
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  const unary = { path, requestStream: false, responseStream: false, ...bytes };
  server.addService(
    { unary },
    { unary: (asked: { request: Buffer }, done: (error: null, answer: Buffer) => void) => done(null, asked.request) },
  );
  return new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve({ url: `grpc://127.0.0.1:${port}`, server }) : reject(error),
    ),
  );
}

const items = {
  openapi: "3.0.1",
  paths: {
    "/list": {
      get: {
        operationId: "list",
        parameters: [
          { name: "kind", in: "query", required: true, schema: { type: "string" } },
          { name: "n", in: "query", schema: { type: "string" } },
        ],
      },
    },
    "/things": { get: { operationId: "first" } },
    "/things?v=2": { get: { operationId: "second" } },
  },
};
const matched = `<policies><inbound><base /><rewrite-uri template="@(context.Operation.UrlTemplate.Split('?')[0])" /></inbound><backend><base /></backend>
  <outbound><base /><set-header name="X-Matched" exists-action="override"><value>@(context.Operation.Id + " " + context.Request.MatchedParameters.GetValueOrDefault("kind", ""))</value></set-header></outbound>
  <on-error><base /></on-error></policies>`;
const wsdl = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"><types>
  <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:held"><xs:element name="Get" type="xs:integer"/></xs:schema>
</types></definitions>`;
const held = `<policies><inbound><base /><validate-content unspecified-content-type-action="prevent" max-size="102400" size-exceeded-action="prevent">
  <content type="text/xml" validate-as="soap" action="prevent" /></validate-content></inbound>
  <backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`;
const schema = "type Query { number: Int }";

describe("kinds of APIs that are imported and passed through", () => {
  let folder: string;
  let gateway: TestGateway;
  let upstream: TestUpstream;
  let sockets: WebSocketUpstream;
  let grpc: Awaited<ReturnType<typeof startGrpc>>;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        if (request.url !== "/graphql") return void response.end(`${request.headers["soapaction"]} ${body}`);
        const { query } = JSON.parse(body) as { query: string };
        void graphql({ schema: buildSchema(schema), source: query, rootValue: { number: 7 } }).then((result) =>
          response.end(JSON.stringify(result)),
        );
      });
    });
    sockets = await startWebSocketUpstream();
    grpc = await startGrpc();
    folder = mkdtempSync(join(tmpdir(), "sallyport-kinds-"));
    const api = (name: string, properties: object): void => {
      const file = join(folder, "in", "apis", name, "apiInformation.json");
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(
        file,
        JSON.stringify({ properties: { subscriptionRequired: false, displayName: name, ...properties } }),
      );
    };
    api("soap", { path: "soap", type: "soap", serviceUrl: `${upstream.url}/service` });
    api("bare", { path: "bare", type: "soap", serviceUrl: upstream.url });
    api("held", { path: "held", type: "soap", serviceUrl: `${upstream.url}/service` });
    writeFileSync(join(folder, "in/apis/held/specification.wsdl"), wsdl);
    writeFileSync(join(folder, "in/apis/held/policy.xml"), held);
    api("items", { path: "items", serviceUrl: `${upstream.url}/v1` });
    writeFileSync(join(folder, "in/apis/items/specification.json"), JSON.stringify(items));
    writeFileSync(join(folder, "in/apis/items/policy.xml"), matched);
    api("graph", { path: "graph", type: "graphql", serviceUrl: `${upstream.url}/graphql` });
    writeFileSync(join(folder, "in/apis/graph/specification.graphql"), schema);
    api("chat", { path: "chat", type: "websocket", serviceUrl: sockets.url.replace("http", "ws"), protocols: ["wss"] });
    const live = `${sockets.url.replace("http", "ws")}/v1/live`;
    api("live", { path: "live", type: "websocket", serviceUrl: live, protocols: ["wss"] });
    api("greeter", { path: "", type: "grpc", serviceUrl: grpc.url });
    const output = join(folder, "gateway");
    const imported = await runCli(["import", "apim", join(folder, "in"), "--output", output], {});
    assert.equal(imported.code, 0, imported.stderr);
    const text = readFileSync(join(output, "sallyport.yaml"), "utf8");
    gateway = await startTestGateway({
      folder: output,
      definition: `${text}edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }\n`,
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    sockets?.close();
    grpc?.server.forceShutdown();
    await upstream?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("SOAP", async () => {
    const headers = { "content-type": "text/xml", soapaction: "urn:do" };
    const answer = await call(gateway, "/soap", { method: "POST", headers, body: "<Envelope/>" });
    assert.deepEqual([answer.status, answer.text, upstream.seen.at(-1)?.url], [200, "urn:do <Envelope/>", "/service"]);
    await call(gateway, "/bare", { method: "POST", headers, body: "<Envelope/>" });
    assert.equal(upstream.seen.at(-1)?.url, "/");
  });

  it("SOAP that is held to its WSDL", async () => {
    const post = (body: string): ReturnType<typeof call> =>
      call(gateway, "/held", { method: "POST", headers: { "content-type": "text/xml", soapaction: "urn:do" }, body });
    const envelope = (id: string): string =>
      `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><Get xmlns="urn:held">${id}</Get></s:Body></s:Envelope>`;
    assert.equal((await post(envelope("7"))).text, `urn:do ${envelope("7")}`);
    const refused = await post(envelope("seven"));
    assert.equal(refused.status, 400);
    assert.match(refused.text, /\{urn:held\}Get': The value is none of the type xs:integer/);
  });

  it("operations that the query tells apart", async () => {
    const ask = async (target: string): Promise<readonly unknown[]> => {
      const { status, headers } = await call(gateway, target);
      return [status, headers["x-matched"], upstream.seen.at(-1)?.url];
    };
    assert.deepEqual(await ask("/items/list?kind=a+b&n=1"), [200, "list a b", "/v1/list?n=1"]);
    assert.deepEqual(await ask("/items/list?kind=a&kind=b"), [200, "list a,b", "/v1/list"]);
    assert.deepEqual(await ask("/items/things?v=2"), [200, "second", "/v1/things"]);
    assert.deepEqual(await ask("/items/things"), [200, "first", "/v1/things"]);
    const missing = await call(gateway, "/items/list?other=1");
    assert.deepEqual(missing.json(), { statusCode: 404, message: "Resource not found" });
  });

  it("GraphQL", async () => {
    const headers = { "content-type": "application/json" };
    const answer = await call(gateway, "/graph", { method: "POST", headers, body: '{"query":"{ number }"}' });
    assert.deepEqual([answer.status, answer.json()], [200, { data: { number: 7 } }]);
  });

  it("WebSocket", async () => {
    const socket = webSocketTo(gateway, "/chat/room?x=1");
    await once(socket, "open");
    socket.send("hello");
    assert.equal(await nextMessage(socket), "hello");
    assert.equal(sockets.seen.at(-1)?.url, "/room?x=1");
    socket.close();
    await once(socket, "close");
    for (const [asked, url] of [
      ["/live", "/v1/live"],
      ["/live?x=1", "/v1/live?x=1"],
      ["/live/room", "/v1/live/room"],
    ] as const) {
      const other = webSocketTo(gateway, asked);
      await once(other, "open");
      assert.equal(sockets.seen.at(-1)?.url, url);
      other.close();
      await once(other, "close");
    }
  });

  it("gRPC", async () => {
    const client = new Client(`localhost:${gateway.port}`, credentials.createSsl(Buffer.from(gateway.ca)));
    const deadline = Date.now() + 10_000;
    const answer = await new Promise<Buffer | undefined>((resolve, reject) => {
      client.makeUnaryRequest(path, asIs, asIs, Buffer.from("hello"), new Metadata(), { deadline }, (error, value) =>
        error === null ? resolve(value) : reject(error),
      );
    });
    client.close();
    assert.equal(String(answer), "hello");
  });
});
