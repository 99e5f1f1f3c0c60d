import { hostType } from "#notation/csharp/type/host-type.ts";
import type { DictionaryLike } from "#notation/csharp/value/dictionary-like.ts";
import { KeyValuePair } from "#notation/csharp/value/key-value-pair.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { Uri } from "#notation/csharp/value/uri.ts";
import type { CsBody, CsHeaders, CsMessage, CsResponse, CsUrl, CsVariables } from "./provider.ts";

/** IReadOnlyDictionary over a function and a list of keys. */
abstract class View implements DictionaryLike, NetObject {
  readonly netType = "IReadOnlyDictionary`2";
  abstract readonly netArgs: readonly unknown[];
  abstract find(key: unknown): unknown;
  abstract keys(): Iterable<string>;

  get count(): number {
    return [...this.keys()].length;
  }

  has(key: unknown): boolean {
    return this.find(key) !== undefined;
  }

  *values(): Generator<unknown> {
    for (const key of this.keys()) yield this.find(key);
  }

  *[Symbol.iterator](): Generator<unknown> {
    for (const key of this.keys()) yield new KeyValuePair(this.netArgs, key, this.find(key));
  }

  toString(): string {
    return "System.Collections.Generic.IReadOnlyDictionary`2";
  }
}

const arrays = (): readonly unknown[] => [
  hostType("String"),
  { kind: "array", element: hostType("String"), rank: 1, key: "String[]" },
];

/** Headers: found in any letter case. */
export class HeadersView extends View {
  readonly #headers: CsHeaders;

  constructor(headers: CsHeaders) {
    super();
    this.#headers = headers;
  }

  override get netArgs(): readonly unknown[] {
    return arrays();
  }

  override find(key: unknown): unknown {
    const values = this.#headers.values(key as string);
    return values.length === 0 ? undefined : new NetArray(hostType("String"), [...values]);
  }

  /** The values with a comma between them; null when there is no such header. */
  joined(name: string): string | null {
    const values = this.#headers.values(name);
    return values.length === 0 ? null : values.length === 1 ? (values[0] as string) : values.join(",");
  }

  override keys(): Iterable<string> {
    return this.#headers.names();
  }
}

/** Query parameters and claims: several values a name. */
export class ListsView extends View {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly #ignoresCase: boolean;

  constructor(values: ReadonlyMap<string, readonly string[]>, ignoresCase: boolean) {
    super();
    this.#values = values;
    this.#ignoresCase = ignoresCase;
  }

  override get netArgs(): readonly unknown[] {
    return arrays();
  }

  #list(name: string): readonly string[] | undefined {
    const exact = this.#values.get(name);
    if (exact !== undefined || !this.#ignoresCase) return exact;
    const lower = name.toLowerCase();
    for (const [key, values] of this.#values) if (key.toLowerCase() === lower) return values;
    return undefined;
  }

  override find(key: unknown): unknown {
    const values = this.#list(key as string);
    return values === undefined ? undefined : new NetArray(hostType("String"), [...values]);
  }

  joined(name: string): string | null {
    return this.#list(name)?.join(",") ?? null;
  }

  override keys(): Iterable<string> {
    return this.#values.keys();
  }
}

/** Parameters of the operation's template. */
export class TextsView extends View {
  readonly #values: Readonly<Record<string, string>>;

  constructor(values: Readonly<Record<string, string>>) {
    super();
    this.#values = values;
  }

  override get netArgs(): readonly unknown[] {
    return [hostType("String"), hostType("String")];
  }

  override find(key: unknown): unknown {
    const name = key as string;
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }

  joined(name: string): string | null {
    return (this.find(name) as string | undefined) ?? null;
  }

  override keys(): Iterable<string> {
    return Object.keys(this.#values);
  }
}

/** `context.Variables`. */
export class VariablesView extends View {
  readonly #values: CsVariables;

  constructor(values: CsVariables) {
    super();
    this.#values = values;
  }

  override get netArgs(): readonly unknown[] {
    return [hostType("String"), hostType("Object")];
  }

  override get count(): number {
    return this.#values.size;
  }

  override has(key: unknown): boolean {
    return this.#values.has(key as string);
  }

  override find(key: unknown): unknown {
    const value = this.#values.get(key as string);
    return value === undefined && this.#values.has(key as string) ? null : value;
  }

  override keys(): Iterable<string> {
    return this.#values.keys();
  }
}

/** IUrl. */
export class UrlView implements NetObject {
  readonly netType = "IUrl";
  readonly uri: Uri;

  constructor(url: CsUrl) {
    this.uri = new Uri(url.href, true);
  }

  /** Its parameters, decoded, in order. */
  get query(): ListsView {
    return new ListsView(this.uri.parameters, true);
  }

  toString(): string {
    return this.uri.absolute;
  }
}

export class BodyView implements NetObject {
  readonly netType = "IMessageBody";
  readonly body: CsBody;

  constructor(body: CsBody) {
    this.body = body;
  }

  toString(): string {
    return "Microsoft.WindowsAzure.ApiManagement.IMessageBody";
  }
}

/** IResponse: of the pipeline, or of `send-request` in a variable. */
export class ResponseView implements NetObject {
  readonly netType = "IResponse";
  readonly response: CsResponse;

  constructor(response: CsResponse) {
    this.response = response;
  }

  toString(): string {
    return "Microsoft.WindowsAzure.ApiManagement.IResponse";
  }
}

export function bodyOf(message: CsMessage): BodyView | null {
  return message.body === null ? null : new BodyView(message.body);
}
