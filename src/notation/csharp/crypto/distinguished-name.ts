import { BerError, childrenOf, type Element, oidOf, tags } from "#lib/ber.ts";

/** As Windows calls them. Others are printed by their number. */
const attributeNames: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.4": "SN",
  "2.5.4.5": "SERIALNUMBER",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "S",
  "2.5.4.9": "STREET",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.12": "T",
  "2.5.4.13": "Description",
  "2.5.4.17": "PostalCode",
  "2.5.4.42": "G",
  "2.5.4.43": "I",
  "2.5.4.46": "dnQualifier",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "E",
};

const encodings: Readonly<Record<number, "utf8" | "latin1" | "utf-16be">> = {
  0x0c: "utf8",
  0x12: "latin1",
  0x13: "latin1",
  0x14: "latin1",
  0x16: "latin1",
  0x1e: "utf-16be",
};

/**
 * A name as .NET prints it: the narrowest part first, what could be misread in quotes, a quote within as two.
 * @throws BerError
 */
export function distinguishedName(name: Element): string {
  return childrenOf(name)
    .toReversed()
    .map((part) => childrenOf(part).map(attribute).join(" + "))
    .join(", ");
}

function attribute(element: Element): string {
  const [type, value] = childrenOf(element);
  if (type === undefined || value === undefined) throw new BerError("not an attribute");
  const oid = oidOf(type);
  const text = textOf(value);
  const shown = needsQuotes(text) ? `"${text.replaceAll('"', '""')}"` : text;
  return `${attributeNames[oid] ?? `OID.${oid}`}=${shown}`;
}

/** @see X500NameEncoder of .NET */
function needsQuotes(text: string): boolean {
  return text === "" || /^\s|\s$|[,+="\n<>#;]/.test(text);
}

function textOf({ tag, content }: Element): string {
  const encoding = encodings[tag];
  if (encoding === undefined) return `#${Buffer.from(content).toString("hex").toUpperCase()}`;
  if (encoding === "utf-16be") return new TextDecoder("utf-16be").decode(content);
  return Buffer.from(content).toString(encoding);
}

/** @param der of a certificate @throws BerError */
export function namesOf(certificate: Element): { readonly issuer: Element; readonly subject: Element } {
  const [toBeSigned] = childrenOf(certificate);
  const fields = toBeSigned === undefined ? [] : childrenOf(toBeSigned);
  // The version may be left out. @see RFC 5280 §4.1
  const first = fields[0]?.tag === tags.context(0) ? 1 : 0;
  const [issuer, subject] = [fields[first + 2], fields[first + 4]];
  if (issuer === undefined || subject === undefined) throw new BerError("not a certificate");
  return { issuer, subject };
}
