import { kinds, DateTime, ticksOfDay } from "#notation/csharp/value/date-time.ts";
import { NetException } from "#notation/csharp/value/net-exception.ts";
import { BigInteger, Double } from "#notation/csharp/value/numbers.ts";
import { step } from "#notation/csharp/value/run.ts";
import { ticksPerHour, ticksPerMinute, ticksPerSecond } from "#notation/csharp/value/time-span.ts";
import { JArray, JObject, type JToken, JValue, tokenTypes } from "./token.ts";

const maxDepth = 64;

export interface ReadOptions {
  /** Texts that look like dates become dates. */
  readonly parsesDates: boolean;
}

const defaults: ReadOptions = { parsesDates: true };

/** Reads JSON as Newtonsoft does: comments, single quotes and bare names pass. @throws NetException JsonReaderException */
export function readJson(text: string, options: ReadOptions = defaults): JToken {
  const reader = new Reader(text, options);
  const token = reader.value(0);
  reader.end();
  return token;
}

class Reader {
  readonly #text: string;
  readonly #options: ReadOptions;
  #at = 0;

  constructor(text: string, options: ReadOptions) {
    this.#text = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    this.#options = options;
  }

  #fail(message: string): never {
    const before = this.#text.slice(0, this.#at);
    const line = before.split("\n").length;
    const position = this.#at - (before.lastIndexOf("\n") + 1);
    throw new NetException("JsonReaderException", `${message} Path '', line ${line}, position ${position}.`);
  }

  #unexpected(): never {
    const char = this.#text[this.#at];
    if (char === undefined)
      return this.#fail(
        this.#at === 0 ? "Error reading JToken from JsonReader." : "Unexpected end of content while loading JSON.",
      );
    return this.#fail(`Unexpected character encountered while parsing value: ${char}.`);
  }

  /** Over white space and comments. */
  #skip(): void {
    for (;;) {
      const char = this.#text.charCodeAt(this.#at);
      if (char === 32 || (char >= 9 && char <= 13) || char === 0xa0 || char === 0xfeff) this.#at++;
      else if (char === 47) this.#comment();
      else return;
    }
  }

  #comment(): void {
    const next = this.#text[this.#at + 1];
    const end =
      next === "/" ? this.#text.indexOf("\n", this.#at) : next === "*" ? this.#text.indexOf("*/", this.#at + 2) : -2;
    if (end === -2) this.#unexpected();
    if (end === -1) {
      if (next === "*") this.#fail("Unexpected end while parsing comment.");
      this.#at = this.#text.length;
    } else this.#at = end + (next === "*" ? 2 : 1);
  }

  end(): void {
    this.#skip();
    if (this.#at < this.#text.length)
      this.#fail(`Additional text encountered after finished reading JSON content: ${this.#text[this.#at]}.`);
  }

  value(depth: number): JToken {
    step();
    if (depth > maxDepth) this.#fail(`The reader's MaxDepth of ${maxDepth} has been exceeded.`);
    this.#skip();
    const char = this.#text[this.#at];
    if (char === "{") return this.#object(depth);
    if (char === "[") return this.#array(depth);
    if (char === '"' || char === "'") return this.#scalar(this.#string(char));
    return this.#bare();
  }

  #scalar(text: string): JValue {
    const date = this.#options.parsesDates ? dateIn(text) : undefined;
    return date === undefined ? new JValue(text) : new JValue(date, tokenTypes.date);
  }

  #object(depth: number): JObject {
    const made = new JObject();
    this.#at++;
    for (;;) {
      this.#skip();
      if (this.#text[this.#at] === "}") break;
      const name = this.#name();
      this.#skip();
      if (this.#text[this.#at] !== ":")
        this.#fail(
          `Invalid character after parsing property name. Expected ':' but got: ${this.#text[this.#at] ?? "the end"}.`,
        );
      this.#at++;
      made.put(name, this.value(depth + 1));
      if (!this.#comma("}")) break;
    }
    this.#at++;
    return made;
  }

  #array(depth: number): JArray {
    const made = new JArray();
    this.#at++;
    for (;;) {
      this.#skip();
      if (this.#text[this.#at] === "]") break;
      made.addChild(this.value(depth + 1));
      if (!this.#comma("]")) break;
    }
    this.#at++;
    return made;
  }

  /** True behind a comma, false before the closing bracket. */
  #comma(close: string): boolean {
    this.#skip();
    const char = this.#text[this.#at];
    if (char === close) return false;
    if (char !== ",") {
      if (char === undefined) this.#unexpected();
      this.#fail(`After parsing a value an unexpected character was encountered: ${char}.`);
    }
    this.#at++;
    return true;
  }

  #name(): string {
    const char = this.#text[this.#at];
    if (char === '"' || char === "'") return this.#string(char);
    bareName.lastIndex = this.#at;
    const found = bareName.exec(this.#text)?.[0];
    if (found === undefined) return this.#fail(`Invalid property identifier character: ${char ?? "the end"}.`);
    this.#at += found.length;
    return found;
  }

  #string(quote: string): string {
    let result = "";
    let begun = ++this.#at;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) this.#fail(`Unterminated string. Expected delimiter: ${quote}.`);
      if (char === quote) break;
      if (char === "\\") {
        result += this.#text.slice(begun, this.#at) + this.#escape();
        begun = this.#at;
      } else this.#at++;
    }
    result += this.#text.slice(begun, this.#at);
    this.#at++;
    return result;
  }

  #escape(): string {
    const char = this.#text[this.#at + 1] ?? "";
    this.#at += 2;
    const plain = escapes[char];
    if (plain !== undefined) return plain;
    if (char !== "u") this.#fail(`Bad JSON escape sequence: \\${char}.`);
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#fail(`Invalid Unicode escape sequence: \\u${digits}.`);
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #bare(): JValue {
    bareValue.lastIndex = this.#at;
    const found = bareValue.exec(this.#text)?.[0] ?? "";
    if (Object.hasOwn(words, found)) {
      this.#at += found.length;
      return words[found]?.() ?? new JValue(null);
    }
    if (!/^-?[\d.]/.test(found)) this.#unexpected();
    const made = numberIn(found);
    if (made === undefined) this.#fail(`Input string '${found.slice(0, 40)}' is not a valid number.`);
    this.#at += found.length;
    return new JValue(made);
  }
}

const bareName = /[\p{L}\p{N}_$]+/uy;
const bareValue = /[\w.+-]+/y;

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

const words: Readonly<Record<string, () => JValue>> = {
  true: () => new JValue(true),
  false: () => new JValue(false),
  null: () => new JValue(null),
  undefined: () => new JValue(null, tokenTypes.undefined),
  NaN: () => new JValue(new Double(Number.NaN)),
  Infinity: () => new JValue(new Double(Infinity)),
  "-Infinity": () => new JValue(new Double(-Infinity)),
};

/** Integers are long, and BigInteger beyond it; what has a point or an exponent is double. */
function numberIn(text: string): unknown {
  if (text.length > 380) return undefined;
  if (/^-?\d+$/.test(text)) {
    const value = BigInt(text);
    return BigInt.asIntN(64, value) === value ? value : new BigInteger(value);
  }
  if (/^-?0[xX][0-9a-fA-F]+$/.test(text)) return BigInt(text);
  return /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? new Double(Number(text)) : undefined;
}

const iso = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7})\d*)?(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** What Newtonsoft takes for a date. One with an offset is brought to local time, which is UTC here. */
function dateIn(text: string): DateTime | undefined {
  if (text.length < 19 || text.length > 40 || text[10] !== "T") return undefined;
  const found = iso.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", offset] = found;
  const start = ticksOfDay(Number(year), Number(month), Number(day));
  if (start === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const ticks =
    start +
    BigInt(hour) * ticksPerHour +
    BigInt(minute) * ticksPerMinute +
    BigInt(second) * ticksPerSecond +
    BigInt(fraction.padEnd(7, "0"));
  if (offset === undefined) return new DateTime(ticks, kinds.unspecified);
  if (offset === "Z") return new DateTime(ticks, kinds.utc);
  const digits = offset.replace(":", "");
  const minutes = BigInt(digits.slice(1, 3)) * 60n + BigInt(digits.slice(3) || "0");
  const shifted = ticks - (digits.startsWith("-") ? -minutes : minutes) * ticksPerMinute;
  return shifted < 0n ? undefined : new DateTime(shifted, kinds.local);
}
