/** What both were asked. */
export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

/** What one gateway has answered, as far as it is compared. */
export interface SeenAnswer {
  readonly status: number;
  /** As they came, flat `[name, value, …]`. */
  readonly headers: readonly string[];
  /** The first bytes of the body, as they came: at most as many as are compared. */
  readonly body: Uint8Array;
  /** The body goes on behind `body`. */
  readonly isCut: boolean;
}

/** Where a gateway gave no answer: why, in words. */
export interface NoAnswer {
  readonly problem: string;
}

/** What is not compared, besides what differs from answer to answer by itself. */
export interface Ignored {
  /** Lower case. */
  readonly headers: ReadonlySet<string>;
  /** JSON pointers; `*` stands for any item or member. */
  readonly fields: readonly string[];
}

export const nothingIgnored: Ignored = { headers: new Set(), fields: [] };

export function headerOf({ headers }: SeenAnswer, wanted: string): string | null {
  const values: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    if ((headers[at] as string).toLowerCase() === wanted) values.push(headers[at + 1] as string);
  }
  return values.length === 0 ? null : values.join(", ");
}
