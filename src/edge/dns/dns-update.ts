import { createHmac } from "node:crypto";
import type { TsigAlgorithm } from "#model/certificates.ts";
import { recordTtlSeconds } from "./records.ts";

const types = { soa: 6, txt: 16, tsig: 250 } as const;
const classes = { internet: 1, none: 254, any: 255 } as const;
const updateOpcode = 5 << 11;
/** Seconds that the clocks may differ. */
const fudge = 300;

export interface DnsUpdate {
  readonly id: number;
  readonly zone: string;
  readonly action: "add" | "remove";
  readonly name: string;
  readonly text: string;
}

export interface TsigKey {
  readonly name: string;
  readonly algorithm: TsigAlgorithm;
  readonly secret: Uint8Array;
}

/** An update of one TXT record in wire form. @see RFC 2136 §2 */
export function encodeUpdate({ id, zone, action, name, text }: DnsUpdate): Buffer {
  const add = action === "add";
  const data = characterString(text);
  return Buffer.concat([
    numbers16(id, updateOpcode, 1, 0, 1, 0),
    domainName(zone),
    numbers16(types.soa, classes.internet),
    domainName(name),
    numbers16(types.txt, add ? classes.internet : classes.none),
    number32(add ? recordTtlSeconds : 0),
    numbers16(data.length),
    data,
  ]);
}

/**
 * The message with a TSIG record at its end.
 *
 * @param now milliseconds since the epoch
 * @see RFC 8945 §4
 */
export function signMessage(message: Buffer, key: TsigKey, now: number): Buffer {
  const keyName = domainName(key.name);
  const algorithm = domainName(key.algorithm);
  const time = Buffer.alloc(6);
  time.writeUIntBE(Math.floor(now / 1000), 0, 6);
  const signed = Buffer.concat([
    message,
    keyName,
    numbers16(classes.any),
    number32(0),
    algorithm,
    time,
    numbers16(fudge, 0, 0),
  ]);
  const mac = createHmac(key.algorithm.slice("hmac-".length), key.secret).update(signed).digest();
  const data = Buffer.concat([
    algorithm,
    time,
    numbers16(fudge, mac.length),
    mac,
    message.subarray(0, 2),
    numbers16(0, 0),
  ]);
  const record = Buffer.concat([
    keyName,
    numbers16(types.tsig, classes.any),
    number32(0),
    numbers16(data.length),
    data,
  ]);
  const counted = Buffer.from(message);
  counted.writeUInt16BE(message.readUInt16BE(10) + 1, 10);
  return Buffer.concat([counted, record]);
}

const responseCodes = [
  "",
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
  "YXDOMAIN",
  "YXRRSET",
  "NXRRSET",
  "NOTAUTH",
  "NOTZONE",
];

/** What went wrong, or null. Its signature is not looked at: a forged answer gains nobody a certificate. */
export function problemOfResponse(response: Buffer, id: number): string | null {
  if (response.length < 12 || response.readUInt16BE(0) !== id || (response.readUInt16BE(2) & 0x8000) === 0) {
    return "an answer that is none to the question";
  }
  const code = response.readUInt16BE(2) & 0x000f;
  return code === 0 ? null : (responseCodes[code] ?? `response code ${code}`);
}

/** Upper bounds of RFC 1035 §2.3.4 hold for every name that comes here. */
function domainName(name: string): Buffer {
  const labels = name.replace(/\.$/, "").split(".");
  const parts = labels.map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label, "latin1")]));
  return Buffer.concat([...parts, Buffer.of(0)]);
}

function characterString(text: string): Buffer {
  return Buffer.concat([Buffer.of(text.length), Buffer.from(text, "latin1")]);
}

function numbers16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
