import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askAdmin } from "#test/support/admin.ts";
import { startTestGateway } from "#test/support/gateway.ts";

it("has an event in the record for connections that end before a request, many in one, and counts them", async () => {
  const gateway = await startTestGateway({
    definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
audit: { flush: 10ms }
apis:
  hello: { path: /hello, hosts: [localhost], access: public, respond: { body: hello } }
`,
    args: ["--workers", "1"],
  });
  try {
    const port = Number(/https:\/\/[^:]+:(\d+)/.exec(gateway.output())?.[1]);
    for (let count = 0; count < 20; count += 1) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.end("GET /secret-of-somebody HTTP/1.1\r\n\r\n");
      socket.resume();
      await once(socket, "close");
    }
    const events = (): readonly { readonly details: { readonly count: number } }[] =>
      readdirSync(join(gateway.data, "audit"))
        .filter((name) => name.endsWith(".jsonl"))
        .flatMap((name) => readFileSync(join(gateway.data, "audit", name), "utf8").split("\n"))
        .filter((line) => line.includes('"event":"connections.ended"'))
        .map((line) => JSON.parse(line) as { readonly details: { readonly count: number } });
    for (let tries = 0; events().length === 0; tries += 1) {
      if (tries > 100) throw new Error(`no event within 10 s\n${gateway.output()}`);
      await sleep(100);
    }
    assert.deepEqual(
      events().map(({ details }) => details),
      [{ reason: "tls-malformed", from: "127.0.0.0/24", count: 20 }],
    );
    const { text } = await askAdmin(gateway, "GET /metrics");
    assert.match(text, /^sallyport_connections_ended_total\{reason="tls-malformed"\} 20$/m);
    assert.ok(!JSON.stringify(events()).includes("secret-of-somebody"));
  } finally {
    await gateway.cleanUp();
  }
});
