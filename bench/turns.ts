/**
 * Lets each have a turn in every round, forwards and backwards in turn: what drifts while a round lasts (a clock, a
 * neighbour on the same machine) then speaks for one as often as for the other.
 * @param take measures one; gets the number of the round, from 1
 * @returns by item, one a round
 */
export async function inTurns<Item, Taken>(
  items: readonly Item[],
  rounds: number,
  take: (item: Item, round: number) => Promise<Taken>,
): Promise<ReadonlyMap<Item, readonly Taken[]>> {
  const taken = new Map<Item, Taken[]>(items.map((item) => [item, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const item of round % 2 === 1 ? items : items.toReversed()) taken.get(item)?.push(await take(item, round));
  }
  return taken;
}
