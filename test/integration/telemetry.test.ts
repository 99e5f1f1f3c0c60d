import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

interface Event {
  readonly url: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

function definition(upstream: string, hub: string): string {
  return `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
loggers:
  hub: { url: "${hub}/messages", authorization: { env: HUB_KEY }, contentType: application/json }
  signed: { eventHub: { name: logs, connection: { env: HUB_CONNECTION } } }
apis:
  told: { path: /told, backend: echo, access: public, policies: told.xml }
  signed: { path: /signed, backend: echo, access: public, policies: { inbound: [base, { log-to-eventhub: { loggerId: signed, message: "a", partitionId: "2" } }] } }
backends: { echo: { url: "${upstream}" } }
`;
}

const told = `<policies>
  <inbound><base />
    <emit-metric name="calls" value="2" namespace="tests"><dimension name="API ID" /><dimension name="tier" value="gold" /></emit-metric>
    <log-to-eventhub logger-id="hub" partition-key="p">{"arrived":true}</log-to-eventhub>
  </inbound>
  <backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error>
</policies>`;

describe("what policies tell others", () => {
  let upstream: TestUpstream;
  let hub: Server;
  let gateway: TestGateway;
  const events: Event[] = [];

  before(async () => {
    upstream = await startUpstream();
    hub = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        events.push({ body, headers: request.headers, url: request.url ?? "" });
        response.writeHead(201).end();
      });
    });
    await new Promise<void>((resolve) => hub.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
    gateway = await startTestGateway({
      definition: definition(upstream.url, url),
      files: { "told.xml": told },
      args: ["--workers", "1"],
      env: {
        HUB_KEY: "SharedAccessSignature secret",
        HUB_CONNECTION: `Endpoint=${url.replace("http:", "sb:")};SharedAccessKeyName=send;SharedAccessKey=a2V5;UseDevelopmentEmulator=true`,
      },
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    hub.closeAllConnections();
    hub.close();
    await upstream.close();
  });

  async function until<T>(what: () => Promise<T | undefined> | T | undefined): Promise<T> {
    for (let tries = 0; tries < 200; tries += 1) {
      const found = await what();
      if (found !== undefined) return found;
      await sleep(50);
    }
    throw new Error("it did not come");
  }

  it("arrives at the logger and in the metrics", async () => {
    for (let count = 0; count < 3; count += 1) assert.equal((await call(gateway, "/told")).status, 200);
    const [event] = await until(() => (events.length === 3 ? events : undefined));
    assert.equal(event?.body, '{"arrived":true}');
    assert.equal(event?.headers.authorization, "SharedAccessSignature secret");
    assert.equal(event?.headers["brokerproperties"], '{"PartitionKey":"p"}');
    const line = 'sallyport_policy_metric_total{namespace="tests",metric="calls",dimensions="API ID=told,tier=gold"} 6';
    await until(async () => ((await askAdmin(gateway, "GET /metrics")).text.includes(line) ? true : undefined));
    assert.doesNotMatch(gateway.output(), /SharedAccessSignature secret/);
  });

  it("is signed for a hub of Event Hubs by the key of its connection", async () => {
    assert.equal((await call(gateway, "/signed")).status, 200);
    const event = await until(() => events.find(({ url }) => url.startsWith("/logs/")));
    assert.equal(event.url, "/logs/partitions/2/messages");
    const [, resource = "", signature, end] =
      /^SharedAccessSignature sr=([^&]+)&sig=([^&]+)&se=(\d+)&skn=send$/.exec(event.headers.authorization ?? "") ?? [];
    assert.match(decodeURIComponent(resource), /^http:\/\/127\.0\.0\.1:\d+\/logs$/);
    const expected = createHmac("sha256", "a2V5").update(`${resource}\n${end}`).digest("base64");
    assert.equal(decodeURIComponent(signature ?? ""), expected);
    assert.doesNotMatch(gateway.output(), /a2V5/);
  });
});
