import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askAdmin } from "#test/support/admin.ts";
import { runCli, type TestGateway } from "#test/support/gateway.ts";
import { type NameServer, startNameServer } from "#test/support/named.ts";
import { unsealed } from "#test/support/secrets.ts";
import { needsCommand } from "#test/support/require.ts";
import { closeSite, openSite, rowWhen, type Site, start, visit, visitUntil } from "./https-site.ts";

const names = ["api.sally.org", "www.sally.org", "private.test"];

describe("automatic HTTPS, the whole gateway against pebble", needsCommand("pebble"), () => {
  let site: Site;
  let gateway: TestGateway;
  before(async () => {
    site = await openSite();
    gateway = await start(site, { hosts: names });
  });
  after(async () => {
    await gateway?.cleanUp();
    await closeSite(site);
  });

  it("serves a certificate that visitors trust, for each public name", async () => {
    const root = await site.pebble.issuingRoot();
    for (const name of names.slice(0, 2)) {
      assert.equal((await visitUntil(gateway, name, root)).subjectAltName, `DNS:${name}`);
    }
    assert.equal(await visit(gateway.port, "private.test", root), undefined);
    assert.ok(await visit(gateway.port, "private.test", gateway.ca), "private names have the internal CA's");
  });

  it("says so: sallyport certificates", async () => {
    const row = await rowWhen(gateway, ({ names: [name], state }) => name === "api.sally.org" && state === "valid");
    assert.match(row.issuer ?? "", /^Pebble Intermediate/);
    const [renewal, notAfter] = [Date.parse(row.renewal ?? ""), Date.parse(row.notAfter ?? "")];
    assert.ok(renewal > Date.now() && notAfter > renewal);
    await rowWhen(gateway, (one) => one.source === "internal" && !one.names.includes("www.sally.org"));
    const { code, stdout } = await runCli(["certificates", "--data", gateway.data]);
    assert.equal(code, 0);
    assert.match(stdout, /^NAME +SOURCE +ISSUER +STATE +NOT AFTER +RENEWAL +OCSP\n/);
    assert.match(
      stdout,
      /\napi\.sally\.org +acme +Pebble Intermediate CA \w+ +valid +\d{4}-\d\d-\d\d \d\d:\d\dZ +\d{4}-/,
    );
    const json = await runCli(["certificates", "--data", gateway.data, "--json"]);
    assert.equal((JSON.parse(json.stdout) as unknown[]).length, 3);
    const nowhere = await runCli(["certificates", "--data", join(gateway.folder, "none")]);
    assert.match(nowhere.stderr, /certificates-missing\)\n {2}fix: /);
  });

  it("keeps keys and accounts to its owner", () => {
    const folder = join(gateway.data, "certificates");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    assert.ok(files.length >= 5);
    for (const { parentPath, name } of files) {
      assert.equal(statSync(join(parentPath, name)).mode & 0o077, 0, name);
      assert.doesNotMatch(readFileSync(join(parentPath, name), "utf8"), /PRIVATE KEY/, `${name} is in the clear`);
    }
  });

  it("goes on with what it has while the authority is down, and says whom it could not reach", async () => {
    const root = await site.pebble.issuingRoot();
    const old = await visitUntil(gateway, "api.sally.org", root);
    await gateway.stop();
    await site.pebble.halt();
    gateway = await start(site, { hosts: [...names, "new.sally.org"] });
    assert.equal((await visit(gateway.port, "api.sally.org", root))?.serialNumber, old.serialNumber);
    const row = await rowWhen(gateway, ({ names: [name], problem }) => name === "new.sally.org" && problem !== null);
    assert.equal(row.state, "failing");
    assert.match(row.problem?.text ?? "", /127\.0\.0\.1:\d+ cannot be reached/);
    assert.ok(Date.parse(row.nextTry ?? "") > Date.now());
    assert.match(gateway.output(), /no certificate could be had.*new\.sally\.org.*cannot be reached.*nextTry/);
    const { code, stdout } = await runCli(["certificates", "--data", gateway.data]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /new\.sally\.org: the try at .* with 127\.0\.0\.1:\d+ failed:\n {2}127.*\n {2}next try: \d{4}-/,
    );
    const { certificates } = (await askAdmin(gateway, "GET /certificates")).json() as { certificates: (typeof row)[] };
    assert.deepEqual(
      certificates.find(({ names: [name] }) => name === "new.sally.org"),
      row,
    );
    const { text } = await askAdmin(gateway, "GET /metrics");
    assert.match(text, /^sallyport_certificate_renewal_failures_total\{name="new\.sally\.org",issuer="127\S+"\} 1$/m);
    assert.match(text, /^sallyport_certificate_last_error\{name="new\.sally\.org",kind="unavailable"\} 1$/m);
    assert.match(text, /^sallyport_certificate_next_try_timestamp_seconds\{name="new\.sally\.org"\} \d{10}/m);
    assert.ok(await visit(gateway.port, "new.sally.org", gateway.ca), "until then the internal CA stands in");
  });

  it("and when the authority is back, having forgotten the account, gets the rest", async () => {
    await site.pebble.resume();
    await runCli(["certificates", "--data", gateway.data, "--renew", "new.sally.org"]);
    await visitUntil(gateway, "new.sally.org", await site.pebble.issuingRoot());
    const row = await rowWhen(gateway, ({ names: [name], state }) => name === "new.sally.org" && state === "valid");
    assert.equal(row.problem, null);
  });
});

describe("an order that a killed process left", needsCommand("pebble"), () => {
  it("is finished by the next one, with the same key", async () => {
    // Pebble waits some seconds before it validates: the kill comes before the order is final.
    const site = await openSite({ sleepSeconds: 3, badNonces: 0 });
    let gateway = await start(site, { hosts: ["killed.sally.org"] });
    try {
      const folder = join(gateway.data, "certificates", "names", "killed.sally.org");
      const order = join(folder, "order.json");
      for (let left = 400; !existsSync(order) && left > 0; left -= 1) await sleep(20);
      const begun = JSON.parse(await unsealed(gateway.data, order)) as { keyPem: string; url: string };
      await gateway.kill();
      assert.equal(existsSync(join(folder, "certificate.pem")), false, "it was killed in time");
      gateway = await start(site, { hosts: ["killed.sally.org"] });
      await visitUntil(gateway, "killed.sally.org", await site.pebble.issuingRoot());
      assert.ok((await unsealed(gateway.data, join(folder, "certificate.pem"))).startsWith(begun.keyPem.trim()));
      // A second one only when pebble came to validate while nobody was there.
      assert.ok((site.pebble.output().match(/Added order/g)?.length ?? 0) <= 2);
      assert.equal(existsSync(order), false);
    } finally {
      await gateway.cleanUp();
      await closeSite(site);
    }
  });
});

describe("wildcards by DNS, and addresses", needsCommand("named"), () => {
  let site: Site;
  let dns: NameServer;
  let gateway: TestGateway;
  before(async () => {
    dns = await startNameServer();
    site = await openSite({ nameServer: dns.address });
    gateway = await start(site, {
      hosts: ["*.sally.org", "api.sally.org", "127.0.0.1"],
      acme: [
        "challenges: [dns-01, tls-alpn-01]",
        "privateHosts: 127.0.0.1",
        `dns: { rfc2136: { server: "${dns.address}", tsig: { name: ${dns.keyName}, secret: { file: tsig } } }, resolvers: ["${dns.address}"] }`,
      ],
      files: { tsig: dns.secret },
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await closeSite(site);
    await dns?.stop();
  });

  it("one wildcard certificate serves the names below it", async () => {
    const root = await site.pebble.issuingRoot();
    for (const name of ["api.sally.org", "other.sally.org"]) {
      assert.equal((await visitUntil(gateway, name, root)).subjectAltName, "DNS:*.sally.org");
    }
  });

  it("an address has its own, for clients that name no server", async () => {
    const certificate = await visitUntil(gateway, "", await site.pebble.issuingRoot());
    assert.equal(certificate.subjectAltName, "IP Address:127.0.0.1");
  });
});

describe("certificates on demand", needsCommand("pebble"), () => {
  let site: Site;
  let gateway: TestGateway;
  let ask: Server;
  const asked: string[] = [];
  before(async () => {
    ask = createServer((request, response) => {
      const name = new URL(request.url ?? "", "http://x").searchParams.get("domain") ?? "";
      asked.push(name);
      // A redirect, even to a good answer, is no permission.
      if (name.startsWith("moved")) response.writeHead(302, { location: "/?domain=good.shops.sally.org" }).end();
      else response.writeHead(name.startsWith("good") ? 200 : 403).end();
    }).listen(0, "127.0.0.1");
    await once(ask, "listening");
    const url = `http://127.0.0.1:${(ask.address() as AddressInfo).port}/`;
    site = await openSite();
    const hosts = ["*.shops.sally.org", "*.ruled.sally.org"];
    gateway = await start(site, {
      hosts,
      acme: [`onDemand: { ask: "${url}", allow: "*.ruled.sally.org", perMinute: 4 }`],
    });
  });
  after(async () => {
    ask?.close();
    await gateway?.cleanUp();
    await closeSite(site);
  });

  it("come with the first handshake, when they are permitted", async () => {
    const root = await site.pebble.issuingRoot();
    for (const name of ["good.shops.sally.org", "any.ruled.sally.org"]) {
      assert.equal((await visit(gateway.port, name, root))?.subjectAltName, `DNS:${name}`);
    }
    assert.deepEqual(asked, ["good.shops.sally.org"]);
    await visit(gateway.port, "good.shops.sally.org", root);
    assert.equal(asked.length, 1, "one that is there is not asked for again");
  });

  it("are refused otherwise, also by redirect, and for what no API serves", async () => {
    for (const name of [
      "bad.shops.sally.org",
      "moved.shops.sally.org",
      "good.elsewhere.org",
      "good.a.shops.sally.org",
    ]) {
      for (const root of [await site.pebble.issuingRoot(), gateway.ca])
        assert.equal(await visit(gateway.port, name, root), undefined);
    }
    assert.deepEqual(
      asked.slice(1),
      ["bad.shops.sally.org", "moved.shops.sally.org"],
      "a refusal is remembered for a while",
    );
  });

  it("are so many a minute and no more", async () => {
    const root = await site.pebble.issuingRoot();
    const got = [];
    for (const name of ["good1", "good2", "good3"])
      got.push(await visit(gateway.port, `${name}.shops.sally.org`, root));
    assert.deepEqual(
      got.map((one) => one !== undefined),
      [true, true, false],
    );
    assert.match(gateway.output(), /too many new names/);
  });
});
