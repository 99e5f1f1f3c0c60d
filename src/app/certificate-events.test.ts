import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CertificateRow } from "#admin/certificate-row.ts";
import { CertificateEvents } from "./certificate-events.ts";

const row: CertificateRow = {
  names: ["api.example.com"],
  source: "acme",
  issuer: null,
  serial: null,
  notBefore: null,
  notAfter: null,
  renewal: null,
  state: "pending",
  problem: null,
  passedOver: [],
  nextTry: null,
  ocsp: null,
};
const issued = (serial: string): CertificateRow => ({ ...row, serial, issuer: "CA", notAfter: "2027-01-01T00:00:00Z" });

describe("events of certificates", () => {
  it("tell of the first one, of another one, and of each failure once", () => {
    const events = new CertificateEvents();
    const problem = { at: "2026-01-01T00:00:00Z", issuer: "CA", challenge: null, type: "", text: "no such host" };
    const seen = [[row], [{ ...row, problem }], [{ ...row, problem }], [issued("01")], [issued("01")], [issued("02")]];
    assert.deepEqual(
      seen.map((rows) => events.look(rows).map(({ event, details }) => [event, details.serial ?? details.error])),
      [
        [],
        [["certificate.failed", "no such host"]],
        [],
        [["certificate.issued", "01"]],
        [],
        [["certificate.renewed", "02"]],
      ],
    );
  });

  it("leave out what somebody else gives, and what is there at the start", () => {
    const events = new CertificateEvents();
    assert.deepEqual(events.look([issued("01")]), []);
    assert.deepEqual(events.look([issued("01"), { ...issued("07"), source: "file" }]), []);
  });
});
