import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { TimerWheel } from "#wire/timer-wheel.ts";
import { createClock } from "#threads/clock.ts";
import { responderEgress } from "./responder-egress.ts";

describe("leave to ask the responder of a certificate", () => {
  const clock = createClock();
  const wheel = new TimerWheel(clock);
  const server = createServer((_, response) => response.end("status"));
  let port: number;
  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    server.close();
    wheel.close();
  });

  const ask = async (url: string, allow: readonly string[] = [], own: readonly number[] = []): Promise<string> => {
    const ownAddresses = (): { host: string; port: number }[] => own.map((at) => ({ host: "127.0.0.1", port: at }));
    const egress = responderEgress({ allow: () => allow, ownAddresses, clock, wheel })(url);
    const { body } = await egress.fetch({ url, timeoutMs: 2000, maxBytes: 100, declared: false });
    return Buffer.from(body).toString();
  };

  it("leads to no loopback by a name, nor to any address that egress.allow does not name", async () => {
    await assert.rejects(ask(`http://localhost:${port}/`), /its address is loopback/);
    await assert.rejects(ask(`http://127.0.0.1:${port}/`), /no pattern of egress\.allow/);
    await assert.rejects(ask("http://169.254.169.254/"), /no pattern of egress\.allow/);
    await assert.rejects(ask("http://[::1]/"), /no pattern of egress\.allow/);
  });

  it("leads to an address that egress.allow names, unless it is a listener of ours", async () => {
    const allow = [`http://127.0.0.1:${port}`];
    assert.equal(await ask(`http://127.0.0.1:${port}/`, allow), "status");
    await assert.rejects(ask(`http://127.0.0.1:${port}/`, allow, [port]), /listener of this gateway/);
  });
});
