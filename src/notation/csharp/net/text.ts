import type { TypeTable } from "#notation/csharp/type/type-def.ts";
import { partsOfText } from "#notation/csharp/value/find-text.ts";
import { hostType } from "#notation/csharp/type/host-type.ts";
import { aligned } from "#notation/csharp/value/align.ts";
import { type Char, charAt } from "#notation/csharp/value/char.ts";
import { Encoding, encodingNamed, encodingOfPage } from "#notation/csharp/value/encoding.ts";
import { formatText } from "#notation/csharp/value/format.ts";
import { iterate } from "#notation/csharp/value/iterate.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { argumentNull, indexOutOfRange, outOfRange } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { charge } from "#notation/csharp/value/run.ts";
import { toText } from "#notation/csharp/value/to-text.ts";

function encode(self: Encoding, value: string | null): Uint8Array {
  if (value === null) throw argumentNull("s");
  return self.encode(value);
}

function decode(self: Encoding, bytes: Uint8Array | null): string {
  if (bytes === null) throw argumentNull("bytes");
  return self.decode(bytes);
}

const encodings = {
  UTF8: "utf-8",
  ASCII: "us-ascii",
  Unicode: "utf-16",
  BigEndianUnicode: "utf-16BE",
  UTF32: "utf-32",
  Default: "utf-8",
  Latin1: "iso-8859-1",
} as const;

const encodingTable: TypeTable = {
  name: "Encoding",
  namespace: "System.Text",
  kind: "class",
  statics: {
    ...Object.fromEntries(
      Object.entries(encodings).map(([name, codec]) => {
        const encoding = new Encoding(codec);
        return [`${name}: Encoding`, () => encoding];
      }),
    ),
    "GetEncoding(string name): Encoding": encodingNamed,
    "GetEncoding(int codepage): Encoding": encodingOfPage,
  },
  members: {
    "GetBytes(string s): byte[]": encode,
    "GetBytes(char[] chars): byte[]": (self: Encoding, chars: NetArray) => self.encode(chars.items.join("")),
    "GetString(byte[] bytes): string": decode,
    "GetString(byte[] bytes, int index, int count): string": (
      self: Encoding,
      bytes: Uint8Array,
      index: number,
      count: number,
    ) => {
      if (index < 0 || count < 0 || index + count > bytes.length) throw outOfRange("bytes");
      return self.decode(bytes.subarray(index, index + count));
    },
    "GetChars(byte[] bytes): char[]": (self: Encoding, bytes: Uint8Array) => {
      const text = decode(self, bytes);
      return new NetArray(
        hostType("Char"),
        Array.from({ length: text.length }, (_, index) => charAt(text, index)),
      );
    },
    "GetByteCount(string s): int": (self: Encoding, value: string) => encode(self, value).length,
    "GetCharCount(byte[] bytes): int": (self: Encoding, bytes: Uint8Array) => decode(self, bytes).length,
    "WebName: string": (self: Encoding) => self.name,
    "EncodingName: string": (self: Encoding) => self.name,
  },
};

/** StringBuilder: text that grows, paid for by what is added. */
class StringBuilder implements NetObject {
  readonly netType = "StringBuilder";
  text: string;

  constructor(text: string) {
    this.text = text;
  }

  append(value: string): this {
    charge(value.length * 2);
    this.text += value;
    return this;
  }

  replaceText(value: string): this {
    charge(value.length * 2);
    this.text = value;
    return this;
  }

  toString(): string {
    return this.text;
  }
}

type Builder = StringBuilder;

const builderTable: TypeTable = {
  name: "StringBuilder",
  namespace: "System.Text",
  kind: "class",
  construct: {
    "()": () => new StringBuilder(""),
    "(int capacity)": () => new StringBuilder(""),
    "(string value)": (value: string | null) => new StringBuilder(value ?? ""),
    "(string value, int capacity)": (value: string | null) => new StringBuilder(value ?? ""),
  },
  members: {
    "Length: int": (self: Builder) => self.text.length,
    "Capacity: int": (self: Builder) => Math.max(16, self.text.length),
    "this[int index]: char": (self: Builder, index: number) => {
      if (index < 0 || index >= self.text.length) throw indexOutOfRange();
      return charAt(self.text, index);
    },
    "Append(object value): StringBuilder": (self: Builder, value: unknown) => self.append(toText(value)),
    "Append(string value): StringBuilder": (self: Builder, value: string | null) => self.append(value ?? ""),
    "Append(char[] value): StringBuilder": (self: Builder, value: NetArray | null) =>
      self.append(value?.items.join("") ?? ""),
    "Append(char value, int repeatCount): StringBuilder": (self: Builder, value: Char, count: number) => {
      if (count < 0) throw outOfRange("repeatCount");
      charge(count * 2);
      return self.append(value.toString().repeat(count));
    },
    "Append(string value, int startIndex, int count): StringBuilder": (
      self: Builder,
      value: string,
      start: number,
      count: number,
    ) => self.append(value.slice(start, start + count)),
    "AppendLine(): StringBuilder": (self: Builder) => self.append("\n"),
    "AppendLine(string value): StringBuilder": (self: Builder, value: string | null) => self.append(`${value ?? ""}\n`),
    "AppendFormat(string format, params object[] args): StringBuilder": (
      self: Builder,
      format: string,
      args: NetArray,
    ) => self.append(formatText(format, args.items, aligned)),
    "AppendJoin(string separator, params object[] values): StringBuilder": (
      self: Builder,
      by: string | null,
      values: NetArray,
    ) => self.append(values.items.map(toText).join(by ?? "")),
    "AppendJoin<T>(string separator, IEnumerable<T> values): StringBuilder": (
      self: Builder,
      by: string | null,
      values: unknown,
    ) => self.append([...iterate(values)].map(toText).join(by ?? "")),
    "Insert(int index, object value): StringBuilder": (self: Builder, index: number, value: unknown) => {
      if (index < 0 || index > self.text.length) throw outOfRange("index");
      return self.replaceText(self.text.slice(0, index) + toText(value) + self.text.slice(index));
    },
    "Remove(int startIndex, int length): StringBuilder": (self: Builder, start: number, length: number) => {
      if (start < 0 || length < 0 || start + length > self.text.length) throw outOfRange("startIndex");
      return self.replaceText(self.text.slice(0, start) + self.text.slice(start + length));
    },
    "Replace(string oldValue, string newValue): StringBuilder": (self: Builder, from: string, to: string | null) => {
      const parts = partsOfText(self.text, from);
      charge(parts.length * (to ?? "").length * 2);
      return self.replaceText(parts.join(to ?? ""));
    },
    "Replace(char oldChar, char newChar): StringBuilder": (self: Builder, from: Char, to: Char) =>
      self.replaceText(partsOfText(self.text, from.toString()).join(to.toString())),
    "Clear(): StringBuilder": (self: Builder) => self.replaceText(""),
    "ToString(int startIndex, int length): string": (self: Builder, start: number, length: number) => {
      if (start < 0 || length < 0 || start + length > self.text.length) throw outOfRange("startIndex");
      return self.text.slice(start, start + length);
    },
  },
  setters: {
    "Length: int": (self: Builder, length: number) => {
      charge(length * 2);
      self.text = self.text.slice(0, length).padEnd(length, "\0");
    },
    "this[int index]: char": (self: Builder, index: number, value: Char) => {
      if (index < 0 || index >= self.text.length) throw indexOutOfRange();
      self.replaceText(self.text.slice(0, index) + value.toString() + self.text.slice(index + 1));
    },
  },
};

class StringReader implements NetObject {
  readonly netType = "StringReader";
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  line(): string | null {
    if (this.at >= this.text.length) return null;
    const end = /\r\n|\r|\n/g;
    end.lastIndex = this.at;
    const found = end.exec(this.text);
    const line = this.text.slice(this.at, found?.index ?? this.text.length);
    this.at = found === null ? this.text.length : end.lastIndex;
    return line;
  }

  toString(): string {
    return "System.IO.StringReader";
  }
}

const readerTable: TypeTable = {
  name: "StringReader",
  namespace: "System.IO",
  kind: "class",
  implements: ["IDisposable"],
  construct: { "(string s)": (text: string | null) => new StringReader(text ?? "") },
  members: {
    "ReadLine(): string": (self: StringReader) => self.line(),
    "ReadToEnd(): string": (self: StringReader) => {
      const rest = self.text.slice(self.at);
      self.at = self.text.length;
      return rest;
    },
    "Read(): int": (self: StringReader) => (self.at < self.text.length ? self.text.charCodeAt(self.at++) : -1),
    "Peek(): int": (self: StringReader) => (self.at < self.text.length ? self.text.charCodeAt(self.at) : -1),
  },
};

const writerTable: TypeTable = {
  name: "StringWriter",
  namespace: "System.IO",
  kind: "class",
  implements: ["IDisposable"],
  construct: { "()": () => new Writer(""), "(IFormatProvider formatProvider)": () => new Writer("") },
  members: {
    "Write(object value): void": (self: Builder, value: unknown) => void self.append(toText(value)),
    "Write(string format, params object[] arg): void": (self: Builder, format: string, args: NetArray) =>
      void self.append(formatText(format, args.items, aligned)),
    "WriteLine(): void": (self: Builder) => void self.append("\n"),
    "WriteLine(object value): void": (self: Builder, value: unknown) => void self.append(`${toText(value)}\n`),
    "GetStringBuilder(): StringBuilder": (self: Builder) => self,
  },
};

class Writer extends StringBuilder {
  override readonly netType = "StringWriter" as unknown as "StringBuilder";
}

export const textTables: readonly TypeTable[] = [
  encodingTable,
  {
    name: "UTF8Encoding",
    namespace: "System.Text",
    kind: "class",
    base: "Encoding",
    construct: {
      "()": () => new Encoding("utf-8"),
      "(bool encoderShouldEmitUTF8Identifier)": () => new Encoding("utf-8"),
    },
  },
  {
    name: "ASCIIEncoding",
    namespace: "System.Text",
    kind: "class",
    base: "Encoding",
    construct: { "()": () => new Encoding("us-ascii") },
  },
  builderTable,
  readerTable,
  writerTable,
];
