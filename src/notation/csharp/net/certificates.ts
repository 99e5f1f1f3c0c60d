import type { TypeTable } from "#notation/csharp/type/type-def.ts";
import { X509Certificate2 } from "#notation/csharp/crypto/certificate.ts";
import { Rsa } from "#notation/csharp/crypto/rsa.ts";
import { type KeyAndChainProblem, readKeyAndChain } from "#lib/key-and-chain.ts";
import type { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { argumentNull, NetException } from "#notation/csharp/value/net-exception.ts";
import { step } from "#notation/csharp/value/run.ts";

const namespace = "System.Security.Cryptography.X509Certificates";

type Certificate = X509Certificate2;

/** Other requests wait for a password that is hashed so often, 40 ms at most. Windows and Key Vault say 2,000 for each part. */
const maxHashes = 50_000;
const maxBytes = 64 * 1024;
/** What reading a PKCS#12 file costs, in steps. */
const cost = 50_000;

/** DER or PEM of a certificate, or PKCS#12. */
function withPassword(bytes: Uint8Array | null, password: string | null = null): X509Certificate2 {
  if (bytes === null) throw argumentNull("rawData");
  const made = new X509Certificate2(bytes);
  if (made.isReadable) return made;
  if (bytes.length > maxBytes) throw new NetException("CryptographicException", unreadable);
  step(cost);
  const found = readKeyAndChain(bytes, password ?? "", maxHashes);
  if ("problem" in found) throw new NetException("CryptographicException", messages[found.problem]);
  const [leaf] = found.chain;
  return new X509Certificate2(new Uint8Array(leaf.raw), { privateKey: () => found.key });
}

const unreadable = "Cannot find the requested object.";
const messages: Readonly<Record<KeyAndChainProblem, string>> = {
  absent: unreadable,
  unreadable,
  algorithm: "The PKCS#12 file is encrypted with a cipher that is not supported.",
  password: "The specified network password is not correct.",
  "key-does-not-fit": "The private key does not belong to the certificate.",
};

const partOf = (name: string, part: string): string => new RegExp(`(?:^|, )${part}="?([^",]+)`).exec(name)?.[1] ?? "";

function nameInfo(self: Certificate, type: EnumValue, isIssuer: boolean): string {
  const name = isIssuer ? self.issuer : self.subject;
  if (type.toString() === "EmailName") return partOf(name, "E");
  if (type.toString() !== "SimpleName")
    return (self.certificate.subjectAltName ?? "").match(/DNS:([^,]+)/)?.[1] ?? partOf(name, "CN");
  return partOf(name, "CN") || partOf(name, "OU") || partOf(name, "O") || name;
}

const certificateTable: TypeTable = {
  name: "X509Certificate",
  namespace,
  kind: "class",
  implements: ["IDisposable"],
  members: {
    "Subject: string": (self: Certificate) => self.subject,
    "Issuer: string": (self: Certificate) => self.issuer,
    "GetCertHash(): byte[]": (self: Certificate) => self.hash("sha1"),
    "GetCertHashString(): string": (self: Certificate) => self.thumbprint,
    "GetRawCertData(): byte[]": (self: Certificate) => new Uint8Array(self.certificate.raw),
    "GetSerialNumberString(): string": (self: Certificate) => self.certificate.serialNumber,
    "GetEffectiveDateString(): string": (self: Certificate) => self.date("validFrom").toString(),
    "GetExpirationDateString(): string": (self: Certificate) => self.date("validTo").toString(),
    "Export(X509ContentType contentType): byte[]": (self: Certificate) => new Uint8Array(self.certificate.raw),
  },
};

const certificate2Table: TypeTable = {
  name: "X509Certificate2",
  namespace,
  kind: "class",
  base: "X509Certificate",
  construct: {
    "(byte[] rawData)": withPassword,
    "(byte[] rawData, string password)": withPassword,
    "(byte[] rawData, string password, X509KeyStorageFlags keyStorageFlags)": withPassword,
  },
  statics: {
    "CreateFromPem(string certPem): X509Certificate2": (pem: string) =>
      new X509Certificate2(new TextEncoder().encode(pem)),
    "CreateFromPem(string certPem, string keyPem): X509Certificate2": (pem: string, key: string) =>
      new X509Certificate2(new TextEncoder().encode(`${pem}\n${key}`)),
  },
  members: {
    "Thumbprint: string": (self: Certificate) => self.thumbprint,
    "SerialNumber: string": (self: Certificate) => self.certificate.serialNumber,
    "FriendlyName: string": () => "",
    "NotBefore: DateTime": (self: Certificate) => self.date("validFrom"),
    "NotAfter: DateTime": (self: Certificate) => self.date("validTo"),
    "HasPrivateKey: bool": (self: Certificate) => self.privateKey !== null,
    "RawData: byte[]": (self: Certificate) => new Uint8Array(self.certificate.raw),
    "Version: int": () => 3,
    "SubjectName: X500DistinguishedName": (self: Certificate) => ({
      netType: "X500DistinguishedName",
      name: self.subject,
    }),
    "IssuerName: X500DistinguishedName": (self: Certificate) => ({
      netType: "X500DistinguishedName",
      name: self.issuer,
    }),
    "GetNameInfo(X509NameType nameType, bool forIssuer): string": nameInfo,
    "Verify(): bool": (self: Certificate) => self.isVerified,
    "VerifyNoRevocation(): bool": (self: Certificate) => self.isVerified,
    "GetRSAPrivateKey(): RSA": (self: Certificate) => (self.privateKey === null ? null : new Rsa(self.privateKey)),
    "GetRSAPublicKey(): RSA": (self: Certificate) => new Rsa(self.certificate.publicKey),
  },
};

export const certificateTables: readonly TypeTable[] = [
  certificateTable,
  certificate2Table,
  {
    name: "X500DistinguishedName",
    namespace,
    kind: "class",
    members: { "Name: string": (self: { readonly name: string }) => self.name },
  },
];
