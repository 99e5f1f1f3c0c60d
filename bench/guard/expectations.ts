/** What a worker has done, in all. */
export interface Counts {
  /** Allocated by V8 on its heap. */
  readonly bytes: number;
  readonly promises: number;
  /** System calls that read or write. */
  readonly calls: number;
}

export interface Expectations {
  /** Of the runtime: another one allocates differently. */
  readonly node: string;
  /** Per request, by key of the target. */
  readonly targets: Readonly<Record<string, Counts>>;
}

/** More than this is a regression: a share of what is expected, and a little that is never one. */
const tolerance: Readonly<
  Record<keyof Counts, { readonly share: number; readonly least: number; readonly text: string }>
> = {
  bytes: { share: 0.1, least: 200, text: "bytes allocated a request" },
  promises: { share: 0, least: 0.3, text: "promises a request" },
  calls: { share: 0.05, least: 0.2, text: "reading and writing system calls a request" },
};

/** @param requests between the two */
export function perRequest(before: Counts, after: Counts, requests: number): Counts {
  const each = (name: keyof Counts): number => (after[name] - before[name]) / Math.max(1, requests);
  return { bytes: each("bytes"), promises: each("promises"), calls: each("calls") };
}

/** @returns what is worse than expected, a line each, with what to do; empty: nothing */
export function regressions(expected: Expectations, measured: Expectations): readonly string[] {
  if (expected.node !== measured.node)
    return [
      `expected.json is of Node ${expected.node}, this is ${measured.node}; fix: look at the counts, and --update`,
    ];
  return Object.entries(measured.targets).flatMap(([key, counts]) => {
    const own = expected.targets[key];
    if (own === undefined) return [`${key}: nothing is expected of it; fix: --update`];
    return (Object.keys(tolerance) as (keyof Counts)[]).flatMap((name) => worse(key, name, own[name], counts[name]));
  });
}

function worse(key: string, name: keyof Counts, expected: number, measured: number): readonly string[] {
  const { share, least, text } = tolerance[name];
  const most = expected + Math.max(expected * share, least);
  if (measured <= most) return [];
  const facts = `${shown(measured)} ${text}, expected ${shown(expected)}, at most ${shown(most)}`;
  return [
    `${key}: ${facts}; fix: take out of the way of a request what came new, or say why it must be there and --update`,
  ];
}

export function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
