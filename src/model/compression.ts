/** How responses are compressed. */
export interface Compression {
  /** Which codings, the one to prefer among equals first. Empty: none. */
  readonly codings: readonly ("zstd" | "br" | "gzip")[];
  /** Shorter responses stay as they are. */
  readonly minBytes: number;
  /** Media types in lower case; `*` is any run of characters. */
  readonly types: readonly string[];
  readonly level: "fast" | "balanced" | "small";
}
