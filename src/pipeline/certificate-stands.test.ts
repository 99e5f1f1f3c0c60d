import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CertificateStatus } from "#model/certificate-status.ts";
import { certificateNow } from "./certificate-stands.ts";
import type { Lasting } from "./lasting.ts";

const minute = 60_000;

/** What lasts since time 0, with a certificate that was good until the tenth second. */
function world(say: (now: number) => CertificateStatus | Promise<CertificateStatus>) {
  let [now, asked] = [0, 0];
  const of = (): CertificateStatus | Promise<CertificateStatus> => ((asked += 1), say(now));
  const handles = { clock: { now: () => now, mono: () => now }, certificateStatuses: { of } };
  const lasting = {
    facts: { tls: { certificate: {} } },
    certificateStandsUntil: 10_000,
    certificateGoodUntil: 10_000,
  } as unknown as Lasting;
  return {
    lasting,
    asked: () => asked,
    at: async (time: number): Promise<string> => {
      now = time;
      return (await certificateNow(lasting, handles))?.reason ?? "stands";
    },
  };
}

const status = (word: CertificateStatus["status"], until: number): CertificateStatus => ({
  status: word,
  detail: "",
  until,
});

describe("the certificate of what lasts", () => {
  it("is asked about when what was said is over, and not before", async () => {
    const { at, asked, lasting } = world((now) => status(now < minute ? "good" : "revoked", now + 30_000));
    assert.deepEqual([await at(9999), asked()], ["stands", 0]);
    assert.deepEqual([await at(10_000), asked(), lasting.certificateStandsUntil], ["stands", 1, 40_000]);
    assert.deepEqual([await at(39_999), asked()], ["stands", 1]);
    assert.deepEqual([await at(70_000), asked()], ["certificate-revoked", 2]);
  });

  it("is asked about once while an answer is awaited, and not all the time whatever the answer says", async () => {
    const { promise, resolve } = Promise.withResolvers<CertificateStatus>();
    const { at, asked, lasting } = world(() => promise);
    const waiting = at(10_000);
    assert.deepEqual([await at(11_000), asked()], ["stands", 1]);
    resolve(status("good", 0));
    assert.equal(await waiting, "stands");
    assert.equal(lasting.certificateStandsUntil, 11_000 + 15_000);
  });

  it("is put up with for an hour where nobody has a word, and asked about each minute", async () => {
    const { at, asked } = world(() => status("unknown", 0));
    for (let time = 10_000; time < 60 * minute; time += 1000) assert.equal(await at(time), "stands");
    assert.equal(asked(), 60);
    assert.equal(await at(61 * minute), "certificate-status-unknown");
  });

  it("that nobody asked about is not asked about now", async () => {
    const { at, asked, lasting } = world(() => status("revoked", 0));
    lasting.certificateStandsUntil = Infinity;
    assert.deepEqual([await at(1e15), asked()], ["stands", 0]);
  });
});
