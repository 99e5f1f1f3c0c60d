import { Buffer } from "node:buffer";
import { CertID, OCSPRequest, Request, TBSRequest } from "@peculiar/asn1-ocsp";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import type { CertificateId } from "./target.ts";

export const sha1 = "1.3.14.3.2.26";

/** The question for one certificate, without a nonce: its answer is for many clients. DER. @see RFC 5019 §2.1 */
export function ocspRequest({ issuerNameHash, issuerKeyHash, serial }: CertificateId): Buffer {
  const reqCert = new CertID({
    hashAlgorithm: new AlgorithmIdentifier({ algorithm: sha1, parameters: nullValue }),
    issuerNameHash: new OctetString(issuerNameHash),
    issuerKeyHash: new OctetString(issuerKeyHash),
    serialNumber: exactly(serial),
  });
  const tbsRequest = new TBSRequest({ requestList: [new Request({ reqCert })] });
  return Buffer.from(AsnConvert.serialize(new OCSPRequest({ tbsRequest })));
}

const nullValue = exactly(Buffer.of(0x05, 0x00));

function exactly(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
