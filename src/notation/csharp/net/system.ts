import { isIP } from "node:net";
import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { rawNumber, toNumeric } from "#notation/csharp/type/numeric.ts";
import type { Ref, TypeTable } from "#notation/csharp/type/type-def.ts";
import { emptyGuid, type Guid, guidOfBytes, newGuid, parseGuid, readGuid } from "#notation/csharp/value/guid.ts";
import { argument, argumentNull, badFormat, NetException, outOfRange } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { Double, Single, Small, ULong } from "#notation/csharp/value/numbers.ts";
import { charge, random, text } from "#notation/csharp/value/run.ts";
import { charOf } from "#notation/csharp/value/char.ts";
import { addressFamilyTable } from "./enums.ts";
import { comparisonOperators } from "./time.ts";

const guidTable: TypeTable = {
  name: "Guid",
  namespace: "System",
  kind: "struct",
  implements: ["IComparable", "IComparable<Guid>", "IFormattable"],
  zero: () => emptyGuid,
  construct: {
    "(string g)": (value: string | null) => {
      if (value === null) throw argumentNull("g");
      return parseGuid(value);
    },
    "(byte[] b)": (bytes: Uint8Array) => {
      if (bytes.length !== 16) throw argument("Byte array for Guid must be exactly 16 bytes long. (Parameter 'b')");
      return guidOfBytes(bytes);
    },
  },
  statics: {
    "Empty: Guid": () => emptyGuid,
    "NewGuid(): Guid": newGuid,
    "Parse(string input): Guid": (value: string | null) => {
      if (value === null) throw argumentNull("input");
      return parseGuid(value);
    },
    "ParseExact(string input, string format): Guid": parseGuid,
    "TryParse(string input, out Guid result): bool": (value: string | null, result: Ref<Guid>) => {
      const found = value === null ? undefined : readGuid(value);
      result.value = found ?? emptyGuid;
      return found !== undefined;
    },
  },
  members: {
    "ToString(string format): string": (self: Guid, format: string | null) => self.format(format ?? "D"),
    "ToString(string format, IFormatProvider provider): string": (self: Guid, format: string | null) =>
      self.format(format ?? "D"),
    "ToByteArray(): byte[]": (self: Guid) => self.toBytes(),
    "CompareTo(Guid value): int": (self: Guid, other: Guid) => self.compareTo(other),
    "Equals(Guid g): bool": (self: Guid, other: Guid) => self.equals(other),
  },
  operators: comparisonOperators("Guid"),
};

/** Numbers of a seed, repeatable within this gateway. They are not those of .NET. */
class Random implements NetObject {
  readonly netType = "Random";
  #state: number | null;

  constructor(seed: number | null) {
    this.#state = seed;
  }

  next(): number {
    if (this.#state === null) return random();
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(min: number, max: number): number {
    if (min > max) throw outOfRange("minValue");
    return min + Math.floor(this.next() * (max - min));
  }

  toString(): string {
    return "System.Random";
  }
}

const shared = new Random(null);

const randomTable: TypeTable = {
  name: "Random",
  namespace: "System",
  kind: "class",
  construct: { "()": () => new Random(null), "(int Seed)": (seed: number) => new Random(seed) },
  statics: { "Shared: Random": () => shared },
  members: {
    "Next(): int": (self: Random) => self.between(0, 2147483647),
    "Next(int maxValue): int": (self: Random, max: number) => {
      if (max < 0) throw outOfRange("maxValue");
      return self.between(0, max);
    },
    "Next(int minValue, int maxValue): int": (self: Random, min: number, max: number) => self.between(min, max),
    "NextDouble(): double": (self: Random) => new Double(self.next()),
    "NextBytes(byte[] buffer): void": (self: Random, buffer: Uint8Array) => {
      for (let index = 0; index < buffer.length; index++) buffer[index] = self.between(0, 256);
    },
  },
};

function view(bytes: Uint8Array, start: number, length: number): DataView {
  if (start < 0 || start + length > bytes.length)
    throw argument(
      "Destination array is not long enough to copy all the items in the collection. Check array index and length.",
    );
  return new DataView(bytes.buffer, bytes.byteOffset + start, length);
}

function made(length: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}

/** The pairs of a gigabyte of digits would be 30 GB of strings: it is paid for before it is made. */
function hexPairs(bytes: Uint8Array): string {
  charge(bytes.length * 32);
  return (Buffer.from(bytes).toString("hex").toUpperCase().match(/../g) ?? []).join("-");
}

const bitConverterTable: TypeTable = {
  name: "BitConverter",
  namespace: "System",
  kind: "static",
  statics: {
    "IsLittleEndian: bool": () => true,
    "ToString(byte[] value): string": hexPairs,
    "ToString(byte[] value, int startIndex): string": (bytes: Uint8Array, start: number) =>
      hexPairs(bytes.subarray(start)),
    "ToString(byte[] value, int startIndex, int length): string": (bytes: Uint8Array, start: number, length: number) =>
      hexPairs(bytes.subarray(start, start + length)),
    "ToInt16(byte[] value, int startIndex): short": (bytes: Uint8Array, start: number) =>
      toNumeric(view(bytes, start, 2).getInt16(0, true), "Int16", false),
    "ToUInt16(byte[] value, int startIndex): ushort": (bytes: Uint8Array, start: number) =>
      toNumeric(view(bytes, start, 2).getUint16(0, true), "UInt16", false),
    "ToInt32(byte[] value, int startIndex): int": (bytes: Uint8Array, start: number) =>
      view(bytes, start, 4).getInt32(0, true),
    "ToUInt32(byte[] value, int startIndex): uint": (bytes: Uint8Array, start: number) =>
      new Small("UInt32", view(bytes, start, 4).getUint32(0, true)),
    "ToInt64(byte[] value, int startIndex): long": (bytes: Uint8Array, start: number) =>
      view(bytes, start, 8).getBigInt64(0, true),
    "ToUInt64(byte[] value, int startIndex): ulong": (bytes: Uint8Array, start: number) =>
      new ULong(view(bytes, start, 8).getBigUint64(0, true)),
    "ToDouble(byte[] value, int startIndex): double": (bytes: Uint8Array, start: number) =>
      new Double(view(bytes, start, 8).getFloat64(0, true)),
    "ToSingle(byte[] value, int startIndex): float": (bytes: Uint8Array, start: number) =>
      new Single(view(bytes, start, 4).getFloat32(0, true)),
    "ToBoolean(byte[] value, int startIndex): bool": (bytes: Uint8Array, start: number) =>
      view(bytes, start, 1).getUint8(0) !== 0,
    "ToChar(byte[] value, int startIndex): char": (bytes: Uint8Array, start: number) =>
      charOf(view(bytes, start, 2).getUint16(0, true)),
    "GetBytes(bool value): byte[]": (value: boolean) => Uint8Array.of(value ? 1 : 0),
    "GetBytes(char value): byte[]": (value: unknown) =>
      made(2, (each) => each.setUint16(0, rawNumber(value) as number, true)),
    "GetBytes(short value): byte[]": (value: unknown) =>
      made(2, (each) => each.setInt16(0, rawNumber(value) as number, true)),
    "GetBytes(ushort value): byte[]": (value: unknown) =>
      made(2, (each) => each.setUint16(0, rawNumber(value) as number, true)),
    "GetBytes(int value): byte[]": (value: number) => made(4, (each) => each.setInt32(0, value, true)),
    "GetBytes(uint value): byte[]": (value: unknown) =>
      made(4, (each) => each.setUint32(0, rawNumber(value) as number, true)),
    "GetBytes(long value): byte[]": (value: bigint) => made(8, (each) => each.setBigInt64(0, value, true)),
    "GetBytes(ulong value): byte[]": (value: ULong) => made(8, (each) => each.setBigUint64(0, value.value, true)),
    "GetBytes(float value): byte[]": (value: Single) => made(4, (each) => each.setFloat32(0, value.value, true)),
    "GetBytes(double value): byte[]": (value: Double) => made(8, (each) => each.setFloat64(0, value.value, true)),
    "DoubleToInt64Bits(double value): long": (value: Double) =>
      view(
        made(8, (each) => each.setFloat64(0, value.value, true)),
        0,
        8,
      ).getBigInt64(0, true),
  },
};

const bufferTable: TypeTable = {
  name: "Buffer",
  namespace: "System",
  kind: "static",
  statics: {
    "BlockCopy(Array src, int srcOffset, Array dst, int dstOffset, int count): void": (
      from: Uint8Array,
      start: number,
      to: Uint8Array,
      at: number,
      count: number,
    ) => {
      if (!(from instanceof Uint8Array) || !(to instanceof Uint8Array))
        throw argument("Object must be an array of bytes.");
      if (start < 0 || at < 0 || count < 0 || start + count > from.length || at + count > to.length)
        throw argument("Offset and length were out of bounds for the array.");
      to.set(from.subarray(start, start + count), at);
    },
    "ByteLength(Array array): int": (array: Uint8Array) => array.length,
  },
};

class Culture implements NetObject {
  readonly netType = "CultureInfo";
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  toString(): string {
    return this.name;
  }
}

const invariant = new Culture("");

/** All cultures format as the invariant one: which a gateway's machine has must not change its answers. */
const cultureTable: TypeTable = {
  name: "CultureInfo",
  namespace: "System.Globalization",
  kind: "class",
  implements: ["IFormatProvider"],
  construct: { "(string name)": (name: string | null) => new Culture(name ?? "") },
  statics: {
    "InvariantCulture: CultureInfo": () => invariant,
    "CurrentCulture: CultureInfo": () => invariant,
    "CurrentUICulture: CultureInfo": () => invariant,
    "GetCultureInfo(string name): CultureInfo": (name: string | null) => new Culture(name ?? ""),
    "CreateSpecificCulture(string name): CultureInfo": (name: string | null) => new Culture(name ?? ""),
  },
  members: {
    "Name: string": (self: Culture) => self.name,
    "TextInfo: TextInfo": () => ({ netType: "TextInfo" }),
  },
};

const textInfoTable: TypeTable = {
  name: "TextInfo",
  namespace: "System.Globalization",
  kind: "class",
  members: {
    "ToTitleCase(string str): string": (_self: unknown, value: string) =>
      text(
        value.replace(/\p{L}[\p{L}\p{M}\p{N}']*/gu, (word) =>
          word === word.toUpperCase() && word.length > 1
            ? word
            : word.charAt(0).toUpperCase() + word.slice(1).toLowerCase(),
        ),
      ),
    "ToUpper(string str): string": (_self: unknown, value: string) => text(value.toUpperCase()),
    "ToLower(string str): string": (_self: unknown, value: string) => text(value.toLowerCase()),
  },
};

const environmentTable: TypeTable = {
  name: "Environment",
  namespace: "System",
  kind: "static",
  statics: { "NewLine: string": () => "\n", "TickCount: int": () => 0 },
};

class Version implements NetObject {
  readonly netType = "Version";
  readonly parts: readonly number[];

  constructor(parts: readonly number[]) {
    this.parts = parts;
  }

  compareTo(other: unknown): number {
    const { parts } = other as Version;
    for (let index = 0; index < 4; index++) {
      const order = (this.parts[index] ?? -1) - (parts[index] ?? -1);
      if (order !== 0) return Math.sign(order);
    }
    return 0;
  }

  equals(other: unknown): boolean {
    return other instanceof Version && this.compareTo(other) === 0;
  }

  get hashKey(): string {
    return `\0version ${this.toString()}`;
  }

  toString(): string {
    return this.parts.join(".");
  }
}

function version(value: string | null): Version {
  if (value === null) throw argumentNull("input");
  if (!/^\d{1,9}(\.\d{1,9}){1,3}$/.test(value.trim()))
    throw argument("Version string portion was too short or too long. (Parameter 'input')");
  return new Version(value.trim().split(".").map(Number));
}

const versionTable: TypeTable = {
  name: "Version",
  namespace: "System",
  kind: "class",
  implements: ["IComparable"],
  construct: {
    "(string version)": version,
    "(int major, int minor)": (...parts: number[]) => new Version(parts),
    "(int major, int minor, int build)": (...parts: number[]) => new Version(parts),
    "(int major, int minor, int build, int revision)": (...parts: number[]) => new Version(parts),
  },
  statics: {
    "Parse(string input): Version": version,
    "TryParse(string input, out Version result): bool": (value: string | null, result: Ref) => {
      try {
        result.value = version(value);
        return true;
      } catch (error) {
        if (!(error instanceof NetException)) throw error;
        result.value = null;
        return false;
      }
    },
  },
  members: {
    "Major: int": (self: Version) => self.parts[0] ?? 0,
    "Minor: int": (self: Version) => self.parts[1] ?? 0,
    "Build: int": (self: Version) => self.parts[2] ?? -1,
    "Revision: int": (self: Version) => self.parts[3] ?? -1,
    "CompareTo(Version value): int": (self: Version, other: Version) => self.compareTo(other),
  },
  operators: comparisonOperators("Version"),
};

const familyFacts = { id: "AddressFamily", table: addressFamilyTable };

class IpAddress implements NetObject {
  readonly netType = "IPAddress";
  readonly text: string;

  constructor(written: string) {
    this.text = written;
  }

  get bytes(): Uint8Array {
    if (isIP(this.text) === 4) return Uint8Array.from(this.text.split("."), Number);
    return expanded(this.text);
  }

  equals(other: unknown): boolean {
    return other instanceof IpAddress && Buffer.from(other.bytes).equals(Buffer.from(this.bytes));
  }

  get hashKey(): string {
    return `\0ip ${this.bytes.join(".")}`;
  }

  toString(): string {
    return this.text;
  }
}

function expanded(written: string): Uint8Array {
  const plain = written
    .replace(/%.*$/, "")
    .replace(
      /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
      (_all, a: string, b: string, c: string, d: string) =>
        `${((Number(a) << 8) | Number(b)).toString(16)}:${((Number(c) << 8) | Number(d)).toString(16)}`,
    );
  const [head = "", tail] = plain.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const words =
    tail === undefined
      ? before
      : [...before, ...Array.from({ length: 8 - before.length - after.length }, () => "0"), ...after];
  return Uint8Array.from(words.flatMap((word) => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 255]));
}

function address(value: string | null): IpAddress {
  if (value === null) throw argumentNull("ipString");
  if (isIP(value) === 0) throw badFormat("An invalid IP address was specified.");
  return new IpAddress(value);
}

const ipTable: TypeTable = {
  name: "IPAddress",
  namespace: "System.Net",
  kind: "class",
  statics: {
    "Loopback: IPAddress": () => new IpAddress("127.0.0.1"),
    "IPv6Loopback: IPAddress": () => new IpAddress("::1"),
    "Any: IPAddress": () => new IpAddress("0.0.0.0"),
    "Parse(string ipString): IPAddress": address,
    "TryParse(string ipString, out IPAddress address): bool": (value: string | null, result: Ref) => {
      const isOne = value !== null && isIP(value) !== 0;
      result.value = isOne ? new IpAddress(value) : null;
      return isOne;
    },
    "IsLoopback(IPAddress address): bool": (self: IpAddress) => self.text === "::1" || self.text.startsWith("127."),
    "NetworkToHostOrder(int network): int": (value: number) =>
      made(4, (each) => each.setInt32(0, value))
        .toReversed()
        .reduce((all, byte) => (all << 8) | byte, 0),
    "HostToNetworkOrder(int host): int": (value: number) =>
      made(4, (each) => each.setInt32(0, value))
        .toReversed()
        .reduce((all, byte) => (all << 8) | byte, 0),
  },
  members: {
    "GetAddressBytes(): byte[]": (self: IpAddress) => self.bytes,
    "AddressFamily: AddressFamily": (self: IpAddress) => new EnumValue(familyFacts, isIP(self.text) === 4 ? 2 : 23),
  },
};

const tupleTables = (): TypeTable[] =>
  Array.from({ length: 4 }, (_, count): TypeTable => {
    const names = Array.from({ length: count + 1 }, (_each, index) => `T${index + 1}`);
    return {
      name: `Tuple<${names.join(", ")}>`,
      namespace: "System",
      kind: "class",
      construct: {
        [`(${names.map((name, index) => `${name} item${index + 1}`).join(", ")})`]: (...all: unknown[]) =>
          new ReferenceTuple(all.slice(0, names.length), all.slice(names.length)),
      },
      members: Object.fromEntries(
        names.map((name, index) => [`Item${index + 1}: ${name}`, (self: ReferenceTuple) => self.items[index]]),
      ),
    };
  });

/** System.Tuple. */
class ReferenceTuple implements NetObject {
  readonly netType: string;
  readonly netArgs: readonly unknown[];
  readonly items: readonly unknown[];

  constructor(types: readonly unknown[], items: readonly unknown[]) {
    this.netType = `Tuple\`${items.length}`;
    this.netArgs = types;
    this.items = items;
  }

  toString(): string {
    return `(${this.items.map(String).join(", ")})`;
  }
}

const tupleTable: TypeTable = {
  name: "Tuple",
  namespace: "System",
  kind: "static",
  statics: Object.fromEntries(
    Array.from({ length: 4 }, (_, count) => {
      const names = Array.from({ length: count + 1 }, (_each, index) => `T${index + 1}`);
      const signature = `Create<${names.map((name) => `type ${name}`).join(", ")}>(${names.map((name, index) => `${name} item${index + 1}`).join(", ")}): Tuple<${names.join(", ")}>`;
      return [
        signature,
        (...all: unknown[]) => new ReferenceTuple(all.slice(0, names.length), all.slice(names.length)),
      ];
    }),
  ),
};

export const systemTables: readonly TypeTable[] = [
  guidTable,
  randomTable,
  bitConverterTable,
  bufferTable,
  cultureTable,
  textInfoTable,
  environmentTable,
  versionTable,
  ipTable,
  tupleTable,
  ...tupleTables(),
];
