/** As `Promise.all` over `work`, so many at a time: whoever does the work has others to serve meanwhile. */
export async function fewAtATime<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const all: R[] = [];
  for (let at = 0; at < items.length; at += most) {
    all.push(...(await Promise.all(items.slice(at, at + most).map(work))));
  }
  return all;
}
