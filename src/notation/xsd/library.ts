import type * as Libxml2 from "libxml2-wasm";

export type Libxml2Library = typeof Libxml2;

/** Of the library, in one thread: a document of 10 MiB has some millions of nodes of about 60 bytes. */
const maxBytes = 384 * 2 ** 20;

export interface Xsd {
  readonly libxml2: Libxml2Library;
  /** Whether it has been refused memory since the last question: what it said meanwhile means nothing. */
  readonly takeShortage: () => boolean;
}

let loaded: Promise<Xsd> | undefined;

/** What is used of it; the types of Node have none. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow: (this: WasmMemory, pages: number) => number;
}

interface WithMemories {
  readonly WebAssembly: { readonly Memory: { readonly prototype: WasmMemory } };
}

/**
 * libxml2, loaded where a schema of XML is used, and in threads alone that can be stopped: a document can keep it busy.
 * It opens nothing: neither network nor files are compiled into it, and its own readers of files are taken out here.
 */
export function loadXsd(): Promise<Xsd> {
  return (loaded ??= load());
}

async function load(): Promise<Xsd> {
  let isShort = false;
  // Its memory may have 2 GiB, which no limit of a thread bounds. It takes a refusal as having no memory. Nothing else in
  // these threads has a memory of WebAssembly that comes near.
  const { prototype } = (globalThis as unknown as WithMemories).WebAssembly.Memory;
  const { grow } = prototype;
  prototype.grow = function bounded(pages) {
    if (this.buffer.byteLength + pages * 65_536 <= maxBytes) return Reflect.apply(grow, this, [pages]) as number;
    isShort = true;
    throw new RangeError("the memory of the XML reader is bounded");
  };
  const libxml2 = await import("libxml2-wasm");
  libxml2.xmlCleanupInputProvider();
  return {
    libxml2,
    takeShortage: () => {
      const was = isShort;
      isShort = false;
      return was;
    },
  };
}
