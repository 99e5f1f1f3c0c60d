import type { Dice } from "#test/soak/support.ts";

/** Changes a text a few times: cuts, doublings, splices with another seed, and pieces that parsers stumble over. */
export function mutate(seeds: readonly string[], pieces: readonly string[], dice: Dice): string {
  let text = dice.pick(seeds);
  for (let count = dice.below(5); count > 0; count -= 1) text = mutateOnce(text, seeds, pieces, dice);
  return text.length > 20_000 ? text.slice(0, 20_000) : text;
}

function mutateOnce(text: string, seeds: readonly string[], pieces: readonly string[], dice: Dice): string {
  const at = dice.below(text.length + 1);
  const span = Math.min(text.length - at, dice.below(dice.below(4) === 0 ? 200 : 12));
  switch (dice.below(7)) {
    case 0:
      return text.slice(0, at) + text.slice(at + span);
    case 1:
      return text.slice(0, at + span) + text.slice(at);
    case 2: {
      const other = dice.pick(seeds);
      return text.slice(0, at) + other.slice(dice.below(other.length + 1));
    }
    case 3:
      return text.slice(0, at) + String.fromCharCode(dice.below(256)) + text.slice(at + 1);
    case 4:
      return `${text}${dice.pick(seeds)}`;
    default:
      return text.slice(0, at) + dice.pick(pieces) + text.slice(at + (dice.below(3) === 0 ? span : 0));
  }
}

/** Places to cut `length` bytes at, in order. */
export function cutsOf(length: number, dice: Dice): readonly number[] {
  const count = dice.below(8) === 0 ? Math.min(length, 200) : dice.below(5);
  return Array.from({ length: count }, () => dice.below(length + 1)).toSorted((left, right) => left - right);
}
