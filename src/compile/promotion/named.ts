interface Named {
  readonly name: string;
}

/** What is there before and after, by name. */
export function bothOf<T extends Named>(before: readonly T[], after: readonly T[]): readonly (readonly [T, T])[] {
  const was = new Map(before.map((one) => [one.name, one]));
  return after.flatMap((is) => {
    const old = was.get(is.name);
    return old === undefined ? [] : [[old, is] as const];
  });
}

/** What is there after and not before, by name. */
export function addedOf<T extends Named>(before: readonly T[], after: readonly T[]): readonly T[] {
  const names = new Set(before.map(({ name }) => name));
  return after.filter(({ name }) => !names.has(name));
}

export function newOf(before: readonly string[], after: readonly string[]): readonly string[] {
  return after.filter((one) => !before.includes(one));
}
