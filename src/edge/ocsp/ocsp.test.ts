import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { Log } from "#model/ports.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { type OcspAuthority, startOcspAuthority } from "#test/support/ocsp-responder.ts";
import { needsCommand } from "#test/support/require.ts";
import { readOcspAnswer } from "./answer.ts";
import { ocspRequest } from "./request.ts";
import type { Staple } from "./staple.ts";
import { StapleBook } from "./staple-book.ts";
import { StapleFiles } from "./staple-files.ts";
import { type OcspTarget, ocspFactsOf } from "./target.ts";

const minute = 60_000;

describe("OCSP with OpenSSL's responder", needsCommand("openssl"), () => {
  let authority: OcspAuthority;
  let chain: string;
  let target: OcspTarget;
  before(async () => {
    authority = await startOcspAuthority();
    ({ chain } = await authority.issue("a.example"));
    target = ocspFactsOf(chain)?.target ?? assert.fail("it names a responder");
  });
  beforeEach(() => {
    authority.signer = "delegate";
    authority.sigopts = [];
    authority.minutes = 60;
    authority.down = false;
  });
  after(() => authority.stop());

  const ask = async (): Promise<Buffer> => authority.answer(ocspRequest(target.id));
  const read = async (now = Date.now()): Promise<ReturnType<typeof readOcspAnswer>> =>
    readOcspAnswer(await ask(), target, now);

  it("reads what the issuer says, and what one says whom it authorised", async () => {
    for (const signer of ["ca", "delegate"] as const) {
      authority.signer = signer;
      const { status, thisUpdate, nextUpdate } = await read();
      assert.deepEqual([status, nextUpdate - thisUpdate], ["good", 60 * minute]);
    }
  });

  const pss = "rsa_padding_mode:pss";
  for (const [signer, ...sigopts] of [
    ["pss", pss, "rsa_pss_saltlen:32"],
    ["pss", pss, "rsa_pss_saltlen:max"],
    ["pss", pss, "rsa_pss_saltlen:0"],
    ["pss-key"],
  ] as const) {
    it(`reads what is signed by RSA-PSS: ${[signer, ...sigopts].join(", ")}`, async () => {
      authority.signer = signer;
      authority.sigopts = sigopts;
      assert.equal((await read()).status, "good");
      const der = await ask();
      const at = der.indexOf(target.id.issuerKeyHash);
      der[at] = (der[at] ?? 0) ^ 1;
      assert.throws(() => readOcspAnswer(der, target, Date.now()), /signature is wrong/);
    });
  }

  it("believes no RSA-PSS whose mask is of a weaker hash", async () => {
    authority.signer = "pss";
    authority.sigopts = [pss, "rsa_mgf1_md:sha1"];
    await assert.rejects(read(), /a hash that is not believed/);
    authority.sigopts = [pss, "rsa_mgf1_md:sha512"];
    await assert.rejects(read(), /mask is of another hash/);
  });

  for (const [signer, problem] of [
    ["customer", /not for signing answers/],
    ["stranger", /not of the certificate's issuer/],
  ] as const) {
    it(`believes no ${signer}`, async () => {
      authority.signer = signer;
      await assert.rejects(read(), problem);
    });
  }

  it("believes no byte that was changed", async () => {
    const der = await ask();
    const at = der.indexOf(target.id.issuerKeyHash);
    der[at] = (der[at] ?? 0) ^ 1;
    assert.throws(() => readOcspAnswer(der, target, Date.now()), /signature is wrong/);
  });

  it("takes no answer that is for another certificate", async () => {
    const other = ocspFactsOf((await authority.issue("b.example")).chain)?.target ?? assert.fail();
    const der = await authority.answer(ocspRequest(other.id));
    assert.throws(() => readOcspAnswer(der, target, Date.now()), /for another certificate/);
  });

  it("takes no answer before its time, after it, or without one", async () => {
    authority.signer = "ca";
    await assert.rejects(read(Date.now() - 10 * minute), /from the future/);
    await assert.rejects(read(Date.now() + 61 * minute), /has expired/);
    authority.minutes = 0;
    await assert.rejects(read(), /until when/);
  });

  it("takes no bytes that are no answer, or an error", () => {
    const now = Date.now();
    assert.throws(() => readOcspAnswer(Buffer.from("<html>"), target, now), /no OCSP response/);
    assert.throws(() => readOcspAnswer(Buffer.alloc(0), target, now), /no OCSP response/);
    assert.throws(() => readOcspAnswer(Buffer.from("30030a0103", "hex"), target, now), /said tryLater/);
  });

  it("has nothing to ask about certificates that name no responder", () => {
    assert.equal(ocspFactsOf(authority.root), null);
  });

  it("cannot ask without the issuer's certificate, and says so", async () => {
    const [leaf = ""] = chain.split(/(?<=-----END CERTIFICATE-----\n)/);
    assert.match(ocspFactsOf(leaf)?.why ?? "", /issuer's certificate is not in the chain/);
    assert.equal(ocspFactsOf(leaf)?.target, null);
  });

  describe("the status of a certificate over time", () => {
    let now: number;
    let folder: string;
    let book: StapleBook;
    let changes: (string | null)[];
    let revoked: string[];
    let logged: string[];
    let counted: string[];

    const open = (): StapleBook => {
      const clock = { now: () => now, mono: () => now };
      const line = (level: string) => (message: string, fields?: object) =>
        void logged.push(`${level}: ${message} ${JSON.stringify(fields)}`);
      const log: Log = { info: line("info"), warn: line("warn"), error: line("error") };
      const egress = createEgress({ allow: [authority.url.slice(0, -1)], ownAddresses: [], clock: realClock });
      return new StapleBook({
        egress: () => egress,
        clock,
        log,
        meter: { add: (name) => void counted.push(name) },
        files: new StapleFiles(folder, { bytes: (count) => randomBytes(count) }, log),
        onChange: (_, der) => void changes.push(der === null ? null : "staple"),
        onRevoked: ({ names }) => void revoked.push(...names),
        onState: () => {},
      });
    };
    const realClock = { now: () => Date.now(), mono: () => performance.now() };
    const staple = (): Staple => book.of(chain) ?? assert.fail("it is there");
    const use = (): Promise<void> => book.use([{ hosts: ["a.example"], certPem: chain }]);
    beforeEach(async () => {
      // The responder's clock has whole seconds, and may go on to the next one before it answers.
      [now, changes, revoked, logged, counted] = [Date.now() + 5_000, [], [], [], []];
      folder = mkdtempSync(join(tmpdir(), "sallyport-staples-"));
      book = open();
      await use();
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it("is asked for once, and again when half of its time is over", async () => {
      const asked = authority.questions;
      await book.check();
      await book.check();
      now += 29 * minute;
      await book.check();
      assert.equal(authority.questions - asked, 1);
      now += 2 * minute;
      authority.minutes = 120;
      await book.check();
      assert.deepEqual([authority.questions - asked, changes], [2, ["staple", "staple"]]);
    });

    it("stays while the responder is down, which is asked ever less often, and goes when it expires", async () => {
      await book.check();
      authority.down = true;
      const asked = authority.questions;
      const tries: number[] = [];
      for (const start = now; now < start + 70 * minute; now += minute) {
        const so = authority.questions;
        await book.check();
        if (authority.questions > so) tries.push(Math.round((now - start) / minute));
      }
      assert.deepEqual(tries, [30, 31, 33, 37, 45, 61]);
      assert.equal(authority.questions - asked, tries.length);
      assert.deepEqual(changes, ["staple", null]);
      assert.match(staple().problem ?? "", /127\.0\.0\.1:\d+ answered 503/);
      assert.equal(counted.length, tries.length);
      assert.ok(logged.some((line) => /^warn: the status of a certificate could not be had .*nextTry/.test(line)));
      authority.down = false;
      authority.minutes = 600;
      now += 60 * minute;
      await book.check();
      assert.deepEqual([changes.at(-1), staple().problem], ["staple", null]);
    });

    it("is kept: the next process has it while the responder is down", async () => {
      await book.check();
      authority.down = true;
      book = open();
      await use();
      assert.deepEqual(
        book.current.map(({ der }) => der?.length),
        [staple().stapled?.length],
      );
      assert.ok((staple().stapled?.length ?? 0) > 100);
      assert.equal(readdirSync(folder).length, 1);
    });

    it("is forgotten with its certificate", async () => {
      await book.check();
      await book.use([]);
      assert.deepEqual([readdirSync(folder), changes, book.current], [[], ["staple", null], []]);
    });

    it("is no longer sent when the certificate is revoked, and that is told once", async () => {
      await book.check();
      authority.revoke("a.example");
      now += 31 * minute;
      authority.minutes = 120;
      await book.check();
      assert.deepEqual([staple().answer?.status, staple().stapled], ["revoked", null]);
      now += 90 * minute;
      authority.minutes = 600;
      await book.check();
      assert.deepEqual([changes.slice(0, 2), revoked], [["staple", null], ["a.example"]]);
      assert.ok(logged.some((line) => /^error: a certificate was revoked by its issuer .*2026-01-01/.test(line)));
    });
  });

  it("asks nobody whom the egress rules refuse", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-staples-"));
    const clock = { now: () => Date.now(), mono: () => performance.now() };
    const log: Log = { info: () => {}, warn: () => {}, error: () => {} };
    const book = new StapleBook({
      egress: () => createEgress({ allow: [], ownAddresses: [], clock }),
      clock,
      log,
      meter: { add: () => {} },
      files: new StapleFiles(folder, { bytes: (count) => randomBytes(count) }, log),
      onChange: () => assert.fail("there is no status"),
      onRevoked: () => {},
      onState: () => {},
    });
    const asked = authority.questions;
    await book.use([{ hosts: ["a.example"], certPem: chain }]);
    await book.check();
    assert.equal(authority.questions, asked);
    assert.match(book.of(chain)?.problem ?? "", /egress\.allow/);
    rmSync(folder, { recursive: true });
    assert.equal(existsSync(folder), false);
  });
});
