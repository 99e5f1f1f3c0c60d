export interface RequestShape {
  /** `{n}` in it and in header fields stands for a number from 0 to `variants` - 1, `{d}` for its last digit. */
  readonly path: string;
  readonly headers: readonly string[];
  readonly variants: number;
  /** Bytes to send along, with POST. */
  readonly bodyBytes?: number;
}

/** @returns gives the bytes of one request after the other; its number goes through all variants in turn */
export function requestsOf({ path, headers, variants, bodyBytes }: RequestShape): () => Buffer {
  const [method, length] = bodyBytes === undefined ? ["GET", []] : ["POST", [`Content-Length: ${bodyBytes}`]];
  const head = [`${method} ${path} HTTP/1.1`, "Host: localhost", ...headers, ...length, "", ""].join("\r\n");
  const body = Buffer.alloc(bodyBytes ?? 0, "x");
  const request = (text: string): Buffer => Buffer.concat([Buffer.from(text, "latin1"), body]);
  const numbered = (number: number): Buffer =>
    request(head.replaceAll("{n}", String(number)).replaceAll("{d}", String(number % 10)));
  if (variants <= 1) {
    const only = numbered(0);
    return () => only;
  }
  let next = 0;
  return () => {
    const made = numbered(next);
    next = next + 1 === variants ? 0 : next + 1;
    return made;
  };
}
