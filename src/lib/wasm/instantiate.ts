/** What is used of WebAssembly, which the types of Node do not tell. */
interface Host {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => WasmMemory;
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: unknown };
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export type WasmModule = object;

const pageBytes = 65_536;

function host(): Host {
  return (globalThis as unknown as { readonly WebAssembly: Host }).WebAssembly;
}

/** @throws where there is no WebAssembly, or not all that the module uses */
export function compileModule(bytes: Uint8Array<ArrayBuffer>): WasmModule {
  return new (host().Module)(bytes);
}

/** @throws where there is no room */
export function makeMemory(bytes: number): WasmMemory {
  const pages = Math.ceil(bytes / pageBytes);
  return new (host().Memory)({ initial: pages, maximum: pages });
}

/** @returns what the module exports */
export function instantiate(module: WasmModule, memory: WasmMemory): unknown {
  return new (host().Instance)(module, { env: { memory } }).exports;
}
