import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { charge } from "#notation/csharp/value/run.ts";
import { xmlnsUri, xmlUri } from "#notation/dom/node.ts";

/** XmlNamespaceManager: what the prefixes of a path mean. */
export class NamespaceManager implements NetObject {
  readonly netType = "XmlNamespaceManager";
  readonly #uris = new Map([
    ["xml", xmlUri],
    ["xmlns", xmlnsUri],
  ]);

  add(prefix: string, uri: string): void {
    charge((prefix.length + uri.length) * 2 + 64);
    this.#uris.set(prefix, uri);
  }

  remove(prefix: string): void {
    this.#uris.delete(prefix);
  }

  lookup(prefix: string): string | undefined {
    return this.#uris.get(prefix);
  }

  toString(): string {
    return "System.Xml.XmlNamespaceManager";
  }
}
