import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { atOnce } from "#lib/slices.ts";
import type { CertificateStatus } from "#model/certificate-status.ts";
import type { Egress, Log } from "#model/ports.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { type OpensslCa, type OpensslResponder, startOpensslCa } from "#test/support/openssl-ca.ts";
import { needsCommand } from "#test/support/require.ts";
import { ClientStatuses } from "./client-statuses.ts";
import { findEntry, parseRevocationList } from "./revocation-list.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

describe("the status of clients' certificates, by OpenSSL's lists and responder", needsCommand("openssl"), () => {
  let ca: OpensslCa;
  let responder: OpensslResponder;
  let now: number;
  let own: "good" | "revoked" | null;
  let trusted: string;
  let statuses: ClientStatuses;
  let counted: string[];
  let warned: number;
  let dialled: string[];

  before(async () => {
    ca = await startOpensslCa();
    await ca.issue("team", { ca: true });
    await ca.issue("silent", { ca: true, list: false });
    await ca.issue("first");
    responder = await ca.respond();
    await ca.issue("listed");
    await ca.issue("gone");
    await ca.revoke("gone");
    await ca.issue("asked", { ocsp: responder.url, list: false });
    await ca.issue("asked-gone", { ocsp: responder.url, list: false });
    await ca.revoke("asked-gone");
    await ca.issue("below", { by: "team" });
    await ca.issue("below-gone", { by: "team" });
    await ca.issue("below-silent", { by: "silent" });
    await ca.issue("plain", { list: false });
    await ca.issue("both", { ocsp: "http://127.0.0.1:1/" });
    for (const name of ["dead", "dead-too"]) await ca.issue(name, { ocsp: "http://127.0.0.1:1/", list: false });
    await ca.revoke("below-gone");
    await ca.publish();
    await ca.publish("team");
    await ca.publish("silent");
    await ca.issue("stranger", { ocsp: responder.url, list: false });
    ca.forget("stranger");
    await responder.restart();
  });
  beforeEach(() => {
    [now, own, trusted, counted, warned, dialled] = [Date.now(), null, ca.root, [], 0, []];
    ca.status = 200;
    ca.asked.length = 0;
    statuses = open();
  });
  afterEach(async () => {
    await ca.publish();
    await ca.publish("team");
  });
  after(() => ca.stop());

  const log: Log = { info: () => {}, warn: () => void (warned += 1), error: () => {} };
  const open = (patterns: readonly string[] = [ca.url, "http://127.0.0.1:1"]): ClientStatuses => {
    const clock = { now: () => now, mono: () => performance.now() };
    const egress = createEgress({ allow: patterns, ownAddresses: [], clock });
    const counting: Egress = { fetch: (request) => (dialled.push(request.url), egress.fetch(request)) };
    return new ClientStatuses({
      egress: () => counting,
      trusted: () => trusted,
      own: async () => own,
      clock,
      log,
      meter: { add: (_, labels) => void counted.push(Object.values(labels).join(" ")) },
    });
  };
  const of = (...names: readonly string[]): Promise<CertificateStatus> =>
    statuses.of(names.map((name) => ca.der(name)));
  const unknown = async (...names: readonly string[]): Promise<string> => {
    const { status, detail } = await of(...names);
    assert.equal(status, "unknown", detail);
    return detail;
  };

  it("a list says good, or revoked and when, until its next update", async () => {
    const good = await of("listed");
    assert.deepEqual([good.status, good.detail], ["good", ""]);
    assert.ok(good.until > now && good.until <= now + 7 * day);
    const gone = await of("gone");
    assert.equal(gone.status, "revoked");
    assert.match(gone.detail, /^CN=gone: revoked at 2\d{3}-/);
    assert.deepEqual(counted, ["crl good", "crl revoked"]);
  });

  it("a list is fetched once for many, and kept until it ends; then anew", async () => {
    await Promise.all([of("listed"), of("gone"), of("first"), of("listed")]);
    await of("listed");
    assert.deepEqual(ca.asked, ["/root.crl"]);
    now += 8 * day;
    assert.match(await unknown("listed"), /the list has expired/);
    assert.deepEqual(ca.asked, ["/root.crl", "/root.crl"]);
  });

  it("asks about everybody below the root, and finds who issued it", async () => {
    assert.equal((await of("below", "team")).status, "good");
    assert.deepEqual(ca.asked.toSorted(), ["/root.crl", "/team.crl"]);
    assert.equal((await of("below-gone", "team")).status, "revoked");
    // The session was resumed: nothing but its own certificate is there.
    assert.equal((await of("below")).status, "good");
    assert.match(await (statuses = open()).of([ca.der("below")]).then(({ detail }) => detail), /open a new connection/);
    assert.match(await unknown("below-silent", "silent"), /^CN=silent: it names neither/);
  });

  it("a list that is signed by RSA-PSS is believed as any other", async () => {
    const pss = ["-sigopt", "rsa_padding_mode:pss"];
    const keys = { team: ["-newkey", "rsa:2048"], only: ["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"] };
    for (const [name, key] of Object.entries(keys)) {
      const issuer = `pss-${name}`;
      await ca.issue(issuer, { ca: true, key });
      await ca.issue(`${issuer}-good`, { by: issuer });
      await ca.issue(`${issuer}-gone`, { by: issuer });
      await ca.revoke(`${issuer}-gone`);
      await ca.publish(issuer, ...pss, "-sigopt", "rsa_pss_saltlen:32");
      assert.equal((await of(`${issuer}-good`, issuer)).status, "good");
      assert.equal((await of(`${issuer}-gone`, issuer)).status, "revoked");
    }
    for (const [args, problem] of [
      [[...pss, "-md", "sha1"], /with a hash that is not believed/],
      [[...pss, "-sigopt", "rsa_mgf1_md:sha1"], /with a hash that is not believed/],
      [[...pss, "-sigopt", "rsa_mgf1_md:sha512"], /mask is of another hash/],
    ] as const) {
      statuses = open();
      await ca.publish("pss-team", ...args);
      assert.match(await unknown("pss-team-good", "pss-team"), problem);
    }
    statuses = open();
    ca.served.set("/pss-team.crl", flipped(await ca.publish("pss-team", ...pss)));
    assert.match(await unknown("pss-team-good", "pss-team"), /signature is wrong/);
  });

  it("an issuer that was revoked takes its certificates with it", async () => {
    await ca.issue("fallen", { ca: true });
    await ca.issue("below-fallen", { by: "fallen" });
    await ca.publish("fallen");
    await ca.revoke("fallen");
    await ca.publish();
    const { status, detail } = await of("below-fallen", "fallen");
    assert.equal(status, "revoked");
    assert.match(detail, /^CN=fallen: revoked at/);
  });

  it("nobody is asked, and nothing dialled, without a path to a trusted authority", async () => {
    const other = await startOpensslCa();
    try {
      trusted = other.root;
      assert.match(await unknown("listed"), /no path/);
      statuses.learn(ca.der("team"));
      assert.match(await unknown("below", "team"), /no path/);
      trusted = "";
      assert.match(await unknown("listed"), /no path/);
    } finally {
      await other.stop();
    }
    assert.deepEqual(dialled, []);
  });

  it("learns issuers that lead to a trusted authority, and no others", async () => {
    statuses.learn(ca.der("team"));
    statuses.learn(Buffer.from("no certificate"));
    statuses.learn(ca.der("listed"));
    assert.equal((await of("below")).status, "good");
  });

  it("a certificate that is trusted itself has nobody above it who could take it back", async () => {
    trusted = ca.pem("plain");
    assert.equal((await of("plain")).status, "good");
    assert.deepEqual(dialled, []);
  });

  it("what is said here of our own issuer needs nobody else", async () => {
    own = "revoked";
    assert.match((await of("listed")).detail, /^CN=listed: revoked by the internal CA/);
    own = "good";
    assert.equal((await of("plain")).status, "good");
    assert.deepEqual(dialled, []);
  });

  it("what cannot be asked is not known: neither named, nor reached, nor allowed; and not asked again at once", async () => {
    assert.match(await unknown("plain"), /^CN=plain: it names neither a responder nor a revocation list/);
    ca.status = 500;
    assert.match(await unknown("listed"), /list: 127\.0\.0\.1:\d+ answered 500/);
    ca.status = 200;
    await unknown("listed");
    assert.deepEqual([ca.asked.length, warned], [1, 2]);
    now += 20_000;
    assert.equal((await of("listed")).status, "good");
    statuses = open([]);
    assert.match(await unknown("listed"), /egress\.allow/);
  });

  it("asks no place again that did not answer a moment ago, whoever it is about", async () => {
    await unknown("dead");
    await unknown("dead-too");
    ca.status = 503;
    await unknown("listed");
    await unknown("first");
    assert.deepEqual(dialled, ["http://127.0.0.1:1/", `${ca.url}/root.crl`]);
    ca.status = 200;
    now += 20_000;
    assert.equal((await of("first")).status, "good");
  });

  it("asks the list where the responder cannot be reached", async () => {
    assert.equal((await of("both")).status, "good");
    assert.deepEqual(counted, ["ocsp failed", "crl good"]);
  });

  const lists: readonly (readonly [string, () => Promise<Buffer> | Buffer, RegExp])[] = [
    ["was changed", async () => flipped(await ca.publish()), /signature is wrong/],
    ["is another issuer's", () => ca.publish("team"), /of another issuer/],
    ["is cut off", async () => (await ca.publish()).subarray(0, -9), /no DER/],
    ["is something else", () => Buffer.from("<html>"), /no DER/],
    ["has more behind it", async () => Buffer.concat([await ca.publish(), Buffer.of(0)]), /more behind/],
    ["has no end", () => Buffer.from("30847fffffff3003", "hex"), /no DER/],
    ["is too long", () => Buffer.alloc(9 * 2 ** 20, 0x30), /cannot be reached/],
  ];
  for (const [what, make, problem] of lists) {
    it(`believes no list that ${what}`, async () => {
      ca.served.set("/root.crl", await make());
      assert.match(await unknown("listed"), problem);
    });
  }

  it("finds one among twenty thousand", async () => {
    const index = readFileSync(`${ca.folder}/root.index`, "utf8");
    const row = (at: number): string =>
      `R\t401231235959Z\t260101000000Z\t${(0x7000_0000 + at).toString(16).toUpperCase()}\tunknown\t/CN=x`;
    const rows = Array.from({ length: 20_000 }, (_, at) => row(at));
    try {
      writeFileSync(`${ca.folder}/root.index`, `${rows.join("\n")}\n${index}`);
      assert.ok((await ca.publish()).length > 400_000);
    } finally {
      writeFileSync(`${ca.folder}/root.index`, index);
    }
    assert.equal((await of("gone")).status, "revoked");
    assert.equal((await of("listed")).status, "good");
  });

  it("reads no damaged list otherwise than with an error, and soon", async () => {
    const der = await ca.publish();
    const dice = mulberry(7);
    let read = 0;
    for (let round = 0; round < 3000; round += 1) {
      const damaged = Buffer.from(der.subarray(0, dice() % 4 === 0 ? dice() % der.length : der.length));
      for (let left = (dice() % 3) + 1; left > 0 && damaged.length > 0; left -= 1) {
        damaged[dice() % damaged.length] = dice() & 0xff;
      }
      try {
        atOnce(findEntry(parseRevocationList(damaged), "1003"));
        read += 1;
      } catch (error) {
        assert.ok(error instanceof Error && error.message.length < 100 && !(error instanceof TypeError), String(error));
      }
    }
    assert.ok(read > 0);
  });

  it("believes no list that is for some reasons, for others, or holds changes only", async () => {
    for (const [extension, problem] of [
      ["issuingDistributionPoint=critical,@idp\n[idp]\nonlysomereasons=keyCompromise", /some reasons only/],
      ["issuingDistributionPoint=critical,@idp\n[idp]\nindirectCRL=TRUE", /not only of its issuer/],
      ["issuingDistributionPoint=critical,@idp\n[idp]\nonlyCA=TRUE", /of other certificates/],
      ["issuingDistributionPoint=critical,@idp\n[idp]\nfullname=URI:http://other.example/x.crl", /another place/],
      ["deltaCRL=critical,DER:020101", /changes only/],
      ["1.2.3.4=critical,DER:0500", /critical extension/],
    ] as const) {
      statuses = open();
      await publishWith(extension.replace("deltaCRL", "2.5.29.27"));
      assert.match(await unknown("listed"), problem);
    }
    statuses = open();
    await publishWith(`issuingDistributionPoint=critical,@idp\n[idp]\nonlyuser=TRUE\nfullname=URI:${ca.url}/root.crl`);
    assert.equal((await of("listed")).status, "good");
    assert.match(await unknown("team"), /of other certificates/);
  });

  const publishWith = async (extension: string): Promise<void> => {
    const config = readFileSync(`${ca.folder}/root.cnf`, "utf8");
    writeFileSync(`${ca.folder}/special.cnf`, `${config}[special]\n${extension}\n`);
    await ca.publish("root", "-config", "special.cnf", "-crlexts", "special");
  };

  it("a responder says good, revoked, or that it does not know; its word is kept", async () => {
    statuses = open([responder.url, ca.url]);
    const asked = await of("asked");
    assert.equal(asked.status, "good", asked.detail);
    assert.match((await of("asked-gone")).detail, /^CN=asked-gone: revoked at/);
    await of("asked");
    assert.deepEqual(dialled, [`${responder.url}/`, `${responder.url}/`]);
    assert.match(await unknown("stranger"), /the responder does not know the certificate/);
  });
});

/** The same numbers each time. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** A byte of the signature. */
function flipped(der: Buffer): Buffer {
  const changed = Buffer.from(der);
  const last = changed.length - 1;
  changed[last] = (changed[last] ?? 0) ^ 1;
  return changed;
}
