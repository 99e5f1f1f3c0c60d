import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CertificateStatus } from "#model/certificate-status.ts";
import type { ClientCertificate } from "#model/exchange.ts";
import { KnownStatuses } from "./known-statuses.ts";

const certificate = { fingerprint: "ab", path: [] } as unknown as ClientCertificate;

describe("what a worker knows of clients' certificates", () => {
  const book = (): { statuses: KnownStatuses; answer: (status: CertificateStatus) => void; asked: () => number } => {
    const waiting: ((status: CertificateStatus) => void)[] = [];
    let asked = 0;
    const ask = (): Promise<CertificateStatus> => {
      asked += 1;
      return new Promise((resolve) => waiting.push(resolve));
    };
    const statuses = new KnownStatuses(ask, { now: () => 1000 });
    return { statuses, answer: (status) => waiting.shift()?.(status), asked: () => asked };
  };
  const status = (until: number): CertificateStatus => ({ status: "good", detail: "", until });

  it("asks once for many, and knows as long as the answer holds", async () => {
    const { statuses, answer, asked } = book();
    const first = [statuses.of(certificate), statuses.of(certificate)];
    answer(status(2000));
    assert.deepEqual(await Promise.all(first), [status(2000), status(2000)]);
    assert.deepEqual([statuses.of(certificate), asked()], [status(2000), 1]);
  });

  it("asks again when the answer is over, and when something has changed", async () => {
    const { statuses, answer, asked } = book();
    const first = statuses.of(certificate);
    answer(status(1000));
    await first;
    const second = statuses.of(certificate);
    statuses.forget();
    answer(status(2000));
    await second;
    // What was on its way when all was forgotten is not kept.
    assert.ok(statuses.of(certificate) instanceof Promise);
    assert.equal(asked(), 3);
  });

  it("takes a failure for not knowing", async () => {
    const statuses = new KnownStatuses(() => Promise.reject(new Error("too many are waiting")), { now: () => 1000 });
    assert.deepEqual(await statuses.of(certificate), {
      status: "unknown",
      detail: "too many are waiting",
      until: 2000,
    });
  });
});
