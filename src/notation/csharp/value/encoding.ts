import { argument } from "./net-exception.ts";
import type { NetObject } from "./net-object.ts";
import { charge } from "./run.ts";

type Codec = "utf-8" | "us-ascii" | "iso-8859-1" | "utf-16" | "utf-16BE" | "utf-32";

/** System.Text.Encoding. */
export class Encoding implements NetObject {
  readonly netType = "Encoding";
  readonly name: Codec;

  constructor(name: Codec) {
    this.name = name;
  }

  encode(text: string): Uint8Array {
    charge(text.length * 3);
    switch (this.name) {
      case "utf-8":
        return new Uint8Array(Buffer.from(text, "utf8"));
      case "us-ascii":
        return singleBytes(text, 0x7f);
      case "iso-8859-1":
        return singleBytes(text, 0xff);
      case "utf-16":
        return new Uint8Array(Buffer.from(text, "utf16le"));
      case "utf-16BE":
        return new Uint8Array(Buffer.from(text, "utf16le").swap16());
      case "utf-32":
        return wide(text);
    }
  }

  decode(bytes: Uint8Array): string {
    charge(bytes.length * 2);
    const buffer = Buffer.from(bytes);
    switch (this.name) {
      case "utf-8":
        return utf8.decode(bytes);
      case "us-ascii":
        return Buffer.from(buffer.map((byte) => (byte > 0x7f ? 0x3f : byte))).toString("latin1");
      case "iso-8859-1":
        return buffer.toString("latin1");
      case "utf-16":
        return buffer.toString("utf16le");
      case "utf-16BE":
        return Buffer.from(buffer.subarray(0, buffer.length & ~1))
          .swap16()
          .toString("utf16le");
      case "utf-32":
        return Array.from({ length: bytes.length >> 2 }, (_, index) =>
          String.fromCodePoint(buffer.readUInt32LE(index * 4)),
        ).join("");
    }
  }

  equals(other: unknown): boolean {
    return other instanceof Encoding && other.name === this.name;
  }

  toString(): string {
    return `System.Text.Encoding ${this.name}`;
  }
}

// GetString keeps a byte order mark, as .NET does.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A character that the encoding lacks is a `?`; a pair of surrogates is one. */
function singleBytes(text: string, max: number): Uint8Array {
  return Uint8Array.from(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, "?"), (char) => {
    const code = char.charCodeAt(0);
    return code > max ? 0x3f : code;
  });
}

function wide(text: string): Uint8Array {
  const points = [...text];
  const buffer = Buffer.alloc(points.length * 4);
  for (const [index, point] of points.entries()) buffer.writeUInt32LE(point.codePointAt(0) ?? 0, index * 4);
  return new Uint8Array(buffer);
}

const aliases: Readonly<Record<string, Codec>> = {
  "utf-8": "utf-8",
  utf8: "utf-8",
  ascii: "us-ascii",
  "us-ascii": "us-ascii",
  "iso-8859-1": "iso-8859-1",
  latin1: "iso-8859-1",
  "windows-1252": "iso-8859-1",
  "utf-16": "utf-16",
  "utf-16le": "utf-16",
  unicode: "utf-16",
  "utf-16be": "utf-16BE",
  "utf-32": "utf-32",
};

const codePages: Readonly<Record<number, Codec>> = {
  65001: "utf-8",
  20127: "us-ascii",
  28591: "iso-8859-1",
  1252: "iso-8859-1",
  1200: "utf-16",
  1201: "utf-16BE",
  12000: "utf-32",
};

export function encodingNamed(name: string): Encoding {
  const found = aliases[name.trim().toLowerCase()];
  if (found === undefined) throw argument(`'${name}' is not a supported encoding name. (Parameter 'name')`);
  return new Encoding(found);
}

export function encodingOfPage(page: number): Encoding {
  const found = codePages[page];
  if (found === undefined) throw argument(`No data is available for encoding ${page}. (Parameter 'codepage')`);
  return new Encoding(found);
}
