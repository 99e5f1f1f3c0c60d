export interface RequestShape {
  /** `{n}` in it and in header fields stands for a number from 0 to `variants` - 1. */
  readonly path: string;
  readonly headers: readonly string[];
  readonly variants: number;
}

/** @returns gives the bytes of one request after the other; its number goes through all variants in turn */
export function requestsOf({ path, headers, variants }: RequestShape): () => Buffer {
  const head = [`GET ${path} HTTP/1.1`, "Host: localhost", ...headers, "", ""].join("\r\n");
  if (variants <= 1) {
    const only = Buffer.from(head.replaceAll("{n}", "0"), "latin1");
    return () => only;
  }
  const parts = head.split("{n}");
  let next = 0;
  return () => {
    const request = Buffer.from(parts.join(String(next)), "latin1");
    next = next + 1 === variants ? 0 : next + 1;
    return request;
  };
}
