import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { DnsProviderSettings } from "#model/certificates.ts";
import { Secret } from "#model/secret.ts";
import { dnsTextOf } from "#edge/acme/challenge-values.ts";
import type { ChallengeAnswer, Solver } from "#edge/acme/solver.ts";
import { systemClock } from "#edge/harness.test.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { type NameServer, startNameServer } from "#test/support/named.ts";
import { needsCommand } from "#test/support/require.ts";
import { signAws } from "./aws-signature.ts";
import { dnsSolverOf } from "./provider.ts";

const egress = createEgress({ allow: [], ownAddresses: [], clock: systemClock });
const random = { bytes: (count: number) => randomBytes(count) };
const secret = (value: string): Secret => new Secret("test", value);

function solverOf(provider: DnsProviderSettings, resolvers: readonly string[] = []): Solver {
  const settings = { provider, resolvers, timeoutMs: resolvers.length === 0 ? 0 : 10_000 };
  return dnsSolverOf(settings, { egress, clock: systemClock, random, pause: (ms) => sleep(Math.min(ms, 50)) });
}

let answers = 0;
function answerFor(name: string): ChallengeAnswer & { readonly text: string } {
  const keyAuthorization = `token-${++answers}.thumbprint`;
  const identifier = { type: "dns", value: name } as const;
  return {
    identifier,
    token: `token-${answers}`,
    keyAuthorization,
    keyType: "p256",
    text: dnsTextOf(keyAuthorization),
  };
}

describe("dns-01 by RFC 2136, against BIND", needsCommand("named"), () => {
  let server: NameServer;
  before(async () => {
    server = await startNameServer();
  });
  after(() => server?.stop());

  const provider = (more: Partial<Extract<DnsProviderSettings, { kind: "rfc2136" }>> = {}): DnsProviderSettings => ({
    kind: "rfc2136",
    server: server.address,
    zone: null,
    tsig: { name: server.keyName, algorithm: "hmac-sha256", secret: secret(server.secret) },
    ...more,
  });
  const shown = async (name: string): Promise<readonly string[]> => {
    const resolver = new Resolver();
    resolver.setServers([server.address]);
    return (await resolver.resolveTxt(name).catch(() => [])).map((chunks) => chunks.join("")).toSorted();
  };

  it("sets the records of a wildcard and of its parent side by side, and takes each away", async () => {
    const solver = solverOf(provider(), [server.address]);
    const [one, other] = [answerFor("*.sally.org"), answerFor("sally.org")];
    await Promise.all([solver.present(one), solver.present(other)]);
    assert.deepEqual(await shown("_acme-challenge.sally.org"), [one.text, other.text].toSorted());
    await solver.remove(one);
    assert.deepEqual(await shown("_acme-challenge.sally.org"), [other.text]);
    await solver.remove(other);
    assert.deepEqual(await shown("_acme-challenge.sally.org"), []);
  });

  it("follows a CNAME to where the record really stands", async () => {
    const solver = solverOf(provider(), [server.address]);
    const answer = answerFor("delegated.sally.org");
    await solver.present(answer);
    assert.deepEqual(await shown("_acme-challenge.target.sally.org"), [answer.text]);
    await solver.remove(answer);
  });

  it("says what the server said when it refuses", async () => {
    const unsigned = solverOf(provider({ tsig: null }), [server.address]);
    await assert.rejects(
      unsigned.present(answerFor("sally.org")),
      /refused to update _acme-challenge\.sally\.org: REFUSED/,
    );
    const wrong = { name: server.keyName, algorithm: "hmac-sha256", secret: secret("d3Jvbmc=") } as const;
    await assert.rejects(
      solverOf(provider({ tsig: wrong }), [server.address]).present(answerFor("sally.org")),
      /NOTAUTH/,
    );
    await assert.rejects(
      solverOf(provider({ zone: "other.org" }), [server.address]).present(answerFor("sally.org")),
      /NOTAUTH|NOTZONE/,
    );
  });

  it("gives up when a name server never shows the record", async () => {
    const settings = { provider: provider({ zone: "sally.org" }), resolvers: ["127.0.0.1:9"], timeoutMs: 100 };
    const solver = dnsSolverOf(settings, {
      egress,
      clock: systemClock,
      random,
      pause: (ms) => sleep(Math.min(ms, 20)),
    });
    const answer = answerFor("c.sally.org");
    await assert.rejects(solver.present(answer), /was not to be seen at 127\.0\.0\.1:9/);
    await solver.remove(answer);
  });
});

describe("dns-01 by a program", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-dns-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("calls it with what to do, without a shell and without our own variables", async () => {
    const program = join(folder, "hook");
    writeFileSync(program, `#!/bin/sh\necho "$@ secret=$SALLYPORT_TEST_SECRET" >> ${join(folder, "calls")}\n`);
    chmodSync(program, 0o700);
    process.env["SALLYPORT_TEST_SECRET"] = "hidden";
    const solver = solverOf({ kind: "command", run: [program, "; rm -rf $HOME"] });
    const answer = answerFor("a.sally.org");
    await solver.present(answer);
    await solver.remove(answer);
    delete process.env["SALLYPORT_TEST_SECRET"];
    const line = (action: string): string =>
      `; rm -rf $HOME ${action} _acme-challenge.a.sally.org ${answer.text} secret=\n`;
    assert.equal(readFileSync(join(folder, "calls"), "utf8"), line("present") + line("remove"));
  });

  it("says how it ended", async () => {
    const failing = solverOf({ kind: "command", run: ["sh", "-c", "echo no such zone >&2; exit 3"] });
    await assert.rejects(failing.present(answerFor("a.sally.org")), /sh ended with 3: no such zone/);
    const missing = solverOf({ kind: "command", run: [join(folder, "nothing")] });
    await assert.rejects(missing.present(answerFor("a.sally.org")), /nothing cannot be run/);
  });
});

interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A service that answers as `respond` says, and what it was asked. */
async function service(respond: (call: Call) => { readonly status?: number; readonly body?: string }): Promise<{
  readonly url: string;
  readonly calls: Call[];
}> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => void (body += String(chunk)));
    request.on("end", () => {
      const call = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
      calls.push(call);
      const answer = respond(call);
      response.writeHead(answer.status ?? 200).end(answer.body ?? "{}");
    });
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

describe("dns-01 by a webhook", () => {
  it("posts what to do, signed", async () => {
    const { url, calls } = await service(() => ({ status: 204, body: "" }));
    const solver = solverOf({ kind: "webhook", url: `${url}/dns`, secret: secret("key") });
    const answer = answerFor("a.sally.org");
    await solver.present(answer);
    await solver.remove(answer);
    assert.deepEqual(
      calls.map(({ body }) => JSON.parse(body) as unknown),
      ["present", "remove"].map((action) => ({ action, name: "_acme-challenge.a.sally.org", text: answer.text })),
    );
    const [first] = calls as [Call];
    const [, time, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(
      String(first.headers["sallyport-signature"]),
    ) as RegExpExecArray;
    assert.equal(mac, createHmac("sha256", "key").update(`${time}.${first.body}`).digest("hex"));
  });

  it("is a failure when it is refused, with what was said, and no redirect is followed", async () => {
    const { url } = await service(({ url: path }) =>
      path === "/no" ? { status: 403, body: "not yours" } : { status: 302 },
    );
    const at = (path: string): Solver => solverOf({ kind: "webhook", url: `${url}${path}`, secret: secret("key") });
    await assert.rejects(at("/no").present(answerFor("a.sally.org")), /answered 403: not yours/);
    await assert.rejects(at("/go").present(answerFor("a.sally.org")), /answered 302/);
  });
});

describe("dns-01 by services, against stand-ins (the real ones are not to be had here)", () => {
  it("Cloudflare: the nearest zone of the token, one record added and removed", async () => {
    const records = new Map<string, { name: string; content: string }>();
    const { url, calls } = await service(({ method, url: path, headers, body }) => {
      if (headers.authorization !== "Bearer token")
        return { status: 403, body: '{"errors":[{"message":"Invalid token"}]}' };
      const { pathname, searchParams } = new URL(path, "http://x");
      const result = (value: unknown): { body: string } => ({ body: JSON.stringify({ success: true, result: value }) });
      if (pathname === "/client/v4/zones")
        return result(searchParams.get("name") === "sally.org" ? [{ id: "z1" }] : []);
      if (method === "POST") {
        records.set(`r${records.size}`, JSON.parse(body) as { name: string; content: string });
        return result({});
      }
      if (method === "DELETE") return result(records.delete(pathname.split("/").at(-1) ?? ""));
      return result([...records].map(([id, record]) => ({ id, ...record })));
    });
    const solver = solverOf({ kind: "cloudflare", token: secret("token"), endpoint: url });
    const [one, other] = [answerFor("*.api.sally.org"), answerFor("api.sally.org")];
    await solver.present(one);
    await solver.present(other);
    assert.deepEqual(
      [...records.values()].map(({ name, content }) => [name, content]),
      [one, other].map(({ text }) => ["_acme-challenge.api.sally.org", `"${text}"`]),
    );
    await solver.remove(one);
    assert.deepEqual(
      [...records.values()].map(({ content }) => content),
      [`"${other.text}"`],
    );
    assert.ok(calls.every(({ url: path }) => path.startsWith("/client/v4/")));
    const wrong = solverOf({ kind: "cloudflare", token: secret("wrong"), endpoint: url });
    await assert.rejects(wrong.present(answerFor("sally.org")), /Cloudflare answered 403: .*Invalid token/);
  });

  it("Route 53: the whole record set each time, and gone with the last text", async () => {
    const { url, calls } = await service(({ method, url: path }) => {
      if (method === "POST") return { body: "<ChangeResourceRecordSetsResponse/>" };
      const zone = new URL(path, "http://x").searchParams.get("dnsname");
      const found =
        zone === "sally.org"
          ? "<Id>/hostedzone/Z1</Id><Name>sally.org.</Name>"
          : "<Id>/hostedzone/Z2</Id><Name>z.org.</Name>";
      return { body: `<HostedZone>${found}</HostedZone>` };
    });
    const solver = solverOf({
      kind: "route53",
      accessKeyId: secret("AKID"),
      secretAccessKey: secret("key"),
      sessionToken: secret("session"),
      hostedZone: null,
      endpoint: url,
    });
    const [one, other] = [answerFor("*.sally.org"), answerFor("sally.org")];
    await solver.present(one);
    await solver.present(other);
    await solver.remove(one);
    await solver.remove(other);
    const changes = calls.filter(({ method }) => method === "POST");
    assert.ok(changes.every(({ url: path }) => path === "/2013-04-01/hostedzone/Z1/rrset"));
    assert.deepEqual(
      changes.map(({ body }) => [
        /<Action>(\w+)/.exec(body)?.[1],
        [...body.matchAll(/<Value>"([^"]+)"/g)].map(([, text]) => text),
      ]),
      [
        ["UPSERT", [one.text]],
        ["UPSERT", [one.text, other.text]],
        ["UPSERT", [other.text]],
        ["DELETE", [other.text]],
      ],
    );
    assert.match(
      String(changes[0]?.headers.authorization),
      /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/us-east-1\/route53\/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
    );
  });

  it("Amazon's signature is the one of its own test suite (get-vanilla)", () => {
    const request = {
      method: "GET",
      url: "https://example.amazonaws.com/",
      body: "",
      region: "us-east-1",
      service: "service",
      now: Date.parse("2015-08-30T12:36:00Z"),
    };
    const fields = signAws(request, {
      accessKeyId: "AKIDEXAMPLE",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      sessionToken: null,
    });
    assert.match(fields.at(-1) ?? "", /Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31$/);
  });

  it("Azure DNS: a token, then the whole record set each time", async () => {
    const { url, calls } = await service(({ url: path, body }) => {
      if (path !== "/t1/oauth2/v2.0/token") return { body: "{}" };
      return new URLSearchParams(body).get("client_secret") === "s"
        ? { body: '{"access_token":"at"}' }
        : { status: 401, body: '{"error":"invalid_client"}' };
    });
    const settings = {
      kind: "azure",
      tenant: "t1",
      clientId: "c1",
      subscription: "s1",
      resourceGroup: "r 1",
      zone: "sally.org",
      login: url,
      endpoint: url,
    } as const;
    const solver = solverOf({ ...settings, clientSecret: secret("s") });
    const [one, other] = [answerFor("*.a.sally.org"), answerFor("a.sally.org")];
    await solver.present(one);
    await solver.present(other);
    await solver.remove(one);
    await solver.remove(other);
    const changes = calls.filter(({ url: path }) => path.startsWith("/subscriptions/"));
    const path =
      "/subscriptions/s1/resourceGroups/r%201/providers/Microsoft.Network/dnsZones/sally.org/TXT/_acme-challenge.a?api-version=2018-05-01";
    assert.deepEqual(
      changes.map(({ method }) => method),
      ["PUT", "PUT", "PUT", "DELETE"],
    );
    assert.ok(changes.every((call) => call.url === path && call.headers.authorization === "Bearer at"));
    const texts = (JSON.parse(changes[1]?.body ?? "") as { properties: { TXTRecords: { value: string[] }[] } })
      .properties.TXTRecords;
    assert.deepEqual(
      texts.map(({ value }) => value),
      [[one.text], [other.text]],
    );
    await assert.rejects(
      solverOf({ ...settings, clientSecret: secret("x") }).present(answerFor("a.sally.org")),
      /Azure's login answered 401: .*invalid_client/,
    );
    await assert.rejects(solver.present(answerFor("a.other.org")), /is not in the zone sally\.org/);
  });
});
