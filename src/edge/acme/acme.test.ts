import assert from "node:assert/strict";
import { randomBytes, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type ConnectionOptions } from "node:tls";
import { Secret } from "#model/secret.ts";
import { eventually, makeCa, run, type Running, systemClock } from "#edge/harness.test.ts";
import type { AlpnChallenge, HttpChallenge } from "#edge/edge-types.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { freePorts } from "#test/support/free-port.ts";
import { type Pebble, startPebble } from "#test/support/pebble.ts";
import { needsCommand } from "#test/support/require.ts";
import { AccountKey } from "./account-key.ts";
import { openAccount } from "./account.ts";
import { makeAlpnCertificate } from "./alpn-certificate.ts";
import { certificatesOf } from "./chain.ts";
import { dnsNameOf, dnsTextOf } from "./challenge-values.ts";
import { identifierOf, serverNameOf } from "./identifier.ts";
import { type KeyType, makeKey } from "./keys.ts";
import { type OrderPlan, runOrder } from "./order.ts";
import { AcmeError } from "./problem.ts";
import type { ChallengeType } from "./resources.ts";
import { revoke } from "./revoke.ts";
import { AcmeSession } from "./session.ts";
import type { Solver } from "./solver.ts";
import { AcmeTransport } from "./transport.ts";

const hmacKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

describe("ACME against pebble, a fifth of its nonces bad", needsCommand("pebble"), () => {
  let pebble: Pebble;
  let edge: Running;
  let session: AcmeSession;
  let closeCa: () => Promise<void>;
  const http: HttpChallenge[] = [];
  const alpn: AlpnChallenge[] = [];

  const publish = (): void => edge.edge.setChallenges({ http, alpn });
  const httpSolver: Solver = {
    present: async ({ identifier, token, keyAuthorization }) => {
      http.push({ host: identifier.value, token, keyAuthorization });
      publish();
    },
    remove: async () => {
      http.length = 0;
      publish();
    },
  };
  const alpnSolver: Solver = {
    present: async ({ identifier, keyAuthorization, keyType }) => {
      const certificate = await makeAlpnCertificate(identifier, keyAuthorization, keyType, Date.now());
      alpn.push({ serverName: serverNameOf(identifier), ...certificate });
      publish();
    },
    remove: async () => {
      alpn.length = 0;
      publish();
    },
  };
  const dnsSolver: Solver = {
    present: ({ identifier, keyAuthorization }) =>
      pebble.manage("set-txt", { host: `${dnsNameOf(identifier.value)}.`, value: dnsTextOf(keyAuthorization) }),
    remove: ({ identifier }) => pebble.manage("clear-txt", { host: `${dnsNameOf(identifier.value)}.` }),
  };
  const solvers = { "http-01": httpSolver, "tls-alpn-01": alpnSolver, "dns-01": dnsSolver };

  const open = async (): Promise<AcmeSession> => {
    const egress = createEgress({ allow: [], ownAddresses: [], clock: systemClock, ca: pebble.root });
    return AcmeSession.open({
      directoryUrl: pebble.directory,
      transport: new AcmeTransport(egress),
      key: await AccountKey.generate(),
      clock: systemClock,
    });
  };
  const planOf = async (
    names: readonly string[],
    type: ChallengeType,
    more: Partial<OrderPlan> = {},
    keyType: KeyType = "p256",
  ): Promise<OrderPlan> => ({
    identifiers: names.map((name) => identifierOf(name)),
    keyPem: await makeKey(keyType),
    proof: { type, solver: solvers[type], keyType, pause: (ms) => sleep(ms) },
    profile: null,
    replaces: null,
    preferredChain: null,
    resume: null,
    onOrder: async () => {},
    ...more,
  });
  const leafOf = (chain: string): X509Certificate => new X509Certificate(certificatesOf(chain)[0] as string);

  before(async () => {
    const [httpPort, tlsPort] = (await freePorts(2)) as [number, number];
    pebble = await startPebble({ httpPort, tlsPort, accounts: { one: hmacKey }, alternateRoots: 1 });
    const { ca, remove } = await makeCa();
    closeCa = remove;
    const { chain, key } = await ca.issue(["visitor.sally.org"]);
    edge = await run({
      tls: "internal",
      http: [{ host: "127.0.0.1", port: httpPort }],
      https: [{ host: "127.0.0.1", port: tlsPort }],
      edge: {
        certificates: [{ hosts: ["visitor.sally.org"], certPem: chain, keyPem: key }],
        ticketKeys: randomBytes(48),
      },
    });
    session = await open();
    await openAccount(session, {
      email: "ops@sally.org",
      binding: { keyId: "one", hmacKey: new Secret("test", hmacKey) },
    });
  });
  after(async () => {
    await edge?.stop();
    await pebble?.stop();
    await closeCa?.();
  });

  it("an account without the binding that the authority wants is refused before it is asked for", async () => {
    const other = await open();
    await assert.rejects(openAccount(other, { email: null, binding: null }), /write eab: \{ keyId, hmacKey \}/);
    const wrong = { keyId: "one", hmacKey: new Secret("test", hmacKey.toLowerCase()) };
    await assert.rejects(openAccount(other, { email: null, binding: wrong }), (error) => error instanceof AcmeError);
  });

  const shapes: readonly (readonly [ChallengeType, readonly string[], KeyType])[] = [
    ["http-01", ["a.sally.org"], "p256"],
    ["http-01", ["127.0.0.1"], "p256"],
    ["tls-alpn-01", ["b.sally.org"], "p256"],
    ["tls-alpn-01", ["127.0.0.1"], "p384"],
    ["tls-alpn-01", ["visitor.sally.org"], "rsa2048"],
    ["dns-01", ["*.sally.org", "sally.org"], "p256"],
  ];
  for (const [type, names, keyType] of shapes) {
    it(`issues for ${names.join(", ")} by ${type} with a key of ${keyType}`, async () => {
      // Both names of the last have their record at the same place, one after the other.
      const plan = await planOf(names, type, {}, keyType);
      const leaf = leafOf(await runOrder(session, plan));
      for (const name of names) assert.match(leaf.subjectAltName ?? "", new RegExp(name.replace("*", "\\*")));
      assert.ok(leaf.publicKey.asymmetricKeyType === (keyType.startsWith("rsa") ? "rsa" : "ec"));
    });
  }

  it("goes on with an order that was begun, with the same key", async () => {
    let url = "";
    const stop = new Error("killed");
    const plan = await planOf(["c.sally.org"], "http-01", {
      onOrder: async (at) => {
        url = at;
        throw stop;
      },
    });
    await assert.rejects(runOrder(session, plan), stop);
    const again: string[] = [];
    const chain = await runOrder(session, { ...plan, resume: url, onOrder: async (at) => void again.push(at) });
    assert.deepEqual(again, [url]);
    // And once more when it is over: only the download is left.
    assert.equal(await runOrder(session, { ...plan, resume: url, onOrder: async () => {} }), chain);
  });

  it("says in the authority's words why a name cannot be had", async () => {
    const mute: Solver = { present: async () => {}, remove: async () => {} };
    const plan = await planOf(["d.sally.org"], "http-01");
    const refused = runOrder(session, { ...plan, proof: { ...plan.proof, solver: mute } });
    await assert.rejects(refused, (error: AcmeError) => {
      assert.equal(error.code, "certificate-refused");
      assert.equal(error.problem.type, "connection");
      // Without an answer the request is redirected like any other, to where pebble does not look.
      assert.match(error.message, /^validating d\.sally\.org by http-01: .*d\.sally\.org.* \(connection\)$/);
      return true;
    });
  });

  it("chooses the chain whose top has the wished name", async () => {
    const plan = await planOf(["e.sally.org"], "http-01");
    const chain = await runOrder(session, plan);
    const top = (pem: string): string => new X509Certificate(certificatesOf(pem).at(-1) as string).issuer;
    const alternate = /CN=(.*)$/m.exec(top(await chainOfOtherRoot(session, plan)))?.[1] as string;
    const wished = await runOrder(session, {
      ...(await planOf(["e.sally.org"], "http-01")),
      preferredChain: alternate,
    });
    assert.equal(/CN=(.*)$/m.exec(top(wished))?.[1], alternate);
    assert.notEqual(top(wished), top(chain));
  });

  it("revokes", async () => {
    const chain = await runOrder(session, await planOf(["f.sally.org"], "http-01"));
    const [pem] = certificatesOf(chain) as [string];
    const serial = leafOf(chain).serialNumber;
    assert.equal(await pebble.statusOf(serial), "Valid");
    await revoke(session, pem, "superseded");
    assert.equal(await pebble.statusOf(serial), "Revoked");
    await revoke(session, pem, "superseded");
  });

  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`no visitor sees a challenge's certificate over ${maxVersion}`, async () => {
      const pending = await makeAlpnCertificate(identifierOf("visitor.sally.org"), "x.y", "p256", Date.now());
      edge.edge.setChallenges({ http: [], alpn: [{ serverName: "visitor.sally.org", ...pending }] });
      const subject = async (options: ConnectionOptions): Promise<string> => {
        const base = {
          port: edge.https,
          host: "127.0.0.1",
          servername: "visitor.sally.org",
          rejectUnauthorized: false,
        };
        const socket = connect({ ...base, maxVersion, ...options });
        try {
          await once(socket, "secureConnect");
          return String(socket.getPeerCertificate().subject.CN ?? "none");
        } catch (error) {
          return (error as NodeJS.ErrnoException).code ?? "error";
        } finally {
          socket.destroy();
        }
      };
      assert.equal(await subject({ ALPNProtocols: ["acme-tls/1"] }), "ACME challenge");
      assert.equal(await subject({ ALPNProtocols: ["acme-tls/1", "h2"] }), "none");
      assert.equal(await subject({ ALPNProtocols: ["h2", "http/1.1"] }), "none");
      assert.equal(await subject({}), "none");
      edge.edge.setChallenges({ http: [], alpn: [] });
      assert.match(await subject({ ALPNProtocols: ["acme-tls/1"] }), /ALPN|ALERT/);
      await eventually(() => edge.edge.stats().connections === 0, "such connections end by themselves");
    });
  }
});

async function chainOfOtherRoot(session: AcmeSession, plan: OrderPlan): Promise<string> {
  let certificate = "";
  await runOrder(session, { ...plan, keyPem: await makeKey("p256"), onOrder: async (url) => void (certificate = url) });
  const order = JSON.parse((await session.read(certificate, "reading")).text) as { certificate: string };
  const answer = await session.read(order.certificate, "reading", "application/pem-certificate-chain");
  const url = /<([^>]+)>;rel="alternate"/.exec(answer.headers.all("link").join(", "))?.[1] as string;
  return (await session.read(url, "reading", "application/pem-certificate-chain")).text;
}
