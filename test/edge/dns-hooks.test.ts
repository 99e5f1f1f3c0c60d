import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { freePorts } from "#test/support/free-port.ts";
import type { TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { closeSite, openSite, rowWhen, type Site, start, visitUntil } from "./https-site.ts";

const key = "webhook-key";

interface Call {
  readonly action: string;
  readonly name: string;
  readonly text: string;
}

/** A program and a service that set the records of pebble's own DNS, as an operator's would those of theirs. */
describe("dns-01 by a hook of one's own, the whole gateway against pebble", needsCommand("pebble"), () => {
  let site: Site;
  let webhook: Server;
  const gateways: TestGateway[] = [];
  const folders: string[] = [];
  const calls: Call[] = [];

  /** @param dns the provider's lines */
  const open = async (host: string, dns: string, files: Readonly<Record<string, string>>): Promise<TestGateway> => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-hook-"));
    folders.push(folder);
    const acme = [`dns: { ${dns.replace("FOLDER", folder)}, resolvers: ["${site.pebble.dns}"] }`];
    const ports = (await freePorts(2)) as [number, number];
    const gateway = await start(site, { hosts: [host], acme, ports, files }, folder);
    gateways.push(gateway);
    return gateway;
  };
  /** It serves the names below, and nothing of the proof is left. */
  const proven = async (gateway: TestGateway, domain: string): Promise<void> => {
    const root = await site.pebble.issuingRoot();
    assert.equal((await visitUntil(gateway, `any.${domain}`, root)).subjectAltName, `DNS:*.${domain}`);
    await rowWhen(gateway, ({ names, state }) => names[0] === `*.${domain}` && state === "valid");
    const resolver = new Resolver();
    resolver.setServers([site.pebble.dns]);
    await assert.rejects(resolver.resolveTxt(`_acme-challenge.${domain}`), /ENODATA|ENOTFOUND/);
  };

  before(async () => {
    site = await openSite();
    webhook = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const [, time, mac] = /^t=(\d+),v1=([0-9a-f]+)$/.exec(String(request.headers["sallyport-signature"])) ?? [];
        if (mac !== createHmac("sha256", key).update(`${time}.${body}`).digest("hex"))
          return response.writeHead(401).end();
        const call = JSON.parse(body) as Call;
        calls.push(call);
        const [what, record] = [
          call.action === "present" ? "set-txt" : "clear-txt",
          { host: `${call.name}.`, value: call.text },
        ];
        return void site.pebble.manage(what, record).then(() => response.writeHead(204).end());
      });
    }).listen(0, "127.0.0.1");
    await once(webhook, "listening");
  });
  after(async () => {
    webhook?.close();
    webhook?.closeAllConnections();
    for (const gateway of gateways) await gateway.cleanUp();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    await closeSite(site);
  });

  it("a command: a certificate for a wildcard", needsCommand("curl"), async () => {
    const script = `#!/bin/sh
case $1 in present) call=set-txt;; remove) call=clear-txt;; *) exit 1;; esac
exec curl -sSf -d "{\\"host\\":\\"$2.\\",\\"value\\":\\"$3\\"}" "${site.pebble.management}/$call"
`;
    const gateway = await open("*.cmd.sally.org", 'command: [sh, "FOLDER/hook.sh"]', { "hook.sh": script });
    await proven(gateway, "cmd.sally.org");
  });

  it("a webhook: the same", async () => {
    const url = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/dns`;
    const gateway = await open("*.web.sally.org", `webhook: { url: "${url}", secret: { file: key } }`, { key });
    await proven(gateway, "web.sally.org");
    assert.deepEqual(
      calls.map(({ action, name }) => [action, name]),
      [
        ["present", "_acme-challenge.web.sally.org"],
        ["remove", "_acme-challenge.web.sally.org"],
      ],
    );
  });
});
