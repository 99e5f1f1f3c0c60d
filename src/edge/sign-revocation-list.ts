import { Buffer } from "node:buffer";
import { KeyObject, sign } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  CertificateList,
  CRLReason,
  Extension,
  id_ce_authorityKeyIdentifier,
  id_ce_cRLNumber,
  id_ce_cRLReasons,
  Name,
  RevokedCertificate,
  TBSCertList,
  Time,
  Version,
} from "@peculiar/asn1-x509";
import { type Authority, AuthorityKeyIdentifierExtension } from "./x509.ts";

export interface RevocationListContent {
  /** Times are milliseconds since the epoch, serial numbers hex. */
  readonly entries: readonly { readonly serial: string; readonly at: number; readonly reason: number }[];
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Grows from list to list. */
  readonly number: number;
}

const ecdsaWithSha256 = "1.2.840.10045.4.3.2";

/**
 * DER. Put together here, because the generator of the library gives an entry without extensions an empty list of them,
 * which is none of the forms that there are.
 *
 * @see RFC 5280 §5.1
 */
export async function signRevocationList(
  { certificate, keys }: Authority,
  { entries, thisUpdate, nextUpdate, number }: RevocationListContent,
): Promise<Buffer> {
  const signatureAlgorithm = new AlgorithmIdentifier({ algorithm: ecdsaWithSha256 });
  const { rawData } = await AuthorityKeyIdentifierExtension.create(keys.publicKey);
  const tbs = new TBSCertList({
    version: Version.v2,
    signature: signatureAlgorithm,
    issuer: AsnConvert.parse(certificate.subjectName.toArrayBuffer(), Name),
    thisUpdate: new Time(new Date(thisUpdate)),
    nextUpdate: new Time(new Date(nextUpdate)),
    crlExtensions: [
      new Extension({
        extnID: id_ce_authorityKeyIdentifier,
        critical: false,
        extnValue: AsnConvert.parse(rawData, Extension).extnValue,
      }),
      new Extension({ extnID: id_ce_cRLNumber, critical: false, extnValue: new OctetString(integer(number)) }),
    ],
    // An empty list is left out.
    ...(entries.length === 0 ? {} : { revokedCertificates: entries.map((entry) => revoked(entry)) }),
  });
  const bytes = Buffer.from(AsnConvert.serialize(tbs));
  const signature = sign("sha256", bytes, KeyObject.from(keys.privateKey));
  const list = new CertificateList({ tbsCertList: tbs, signatureAlgorithm, signature: bufferOf(signature) });
  return Buffer.from(AsnConvert.serialize(list));
}

/** "Unspecified" is said by saying nothing. @see RFC 5280 §5.3.1 */
function revoked({ serial, at, reason }: RevocationListContent["entries"][number]): RevokedCertificate {
  const entry = { userCertificate: bufferOf(Buffer.from(serial, "hex")), revocationDate: new Time(new Date(at)) };
  if (reason === 0) return new RevokedCertificate(entry);
  const extnValue = new OctetString(AsnConvert.serialize(new CRLReason(reason)));
  const extension = new Extension({ extnID: id_ce_cRLReasons, critical: false, extnValue });
  return new RevokedCertificate({ ...entry, crlEntryExtensions: [extension] });
}

function integer(value: number): Uint8Array {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  const positive = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return Uint8Array.of(0x02, positive.length, ...positive);
}

function bufferOf(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
