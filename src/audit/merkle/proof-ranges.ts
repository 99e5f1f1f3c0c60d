/** Leaves `from` to `to`, without `to`. */
export interface LeafRange {
  readonly from: number;
  readonly to: number;
}

/** A perfect subtree: the one number `index` from the left with 2^level leaves. */
export interface Subtree {
  readonly level: number;
  readonly index: number;
}

/** What is hashed into a leaf on its way to the root, lowest first. @see RFC 6962 §2.1.1 */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  return pathOf(index, { from: 0, to: size });
}

function pathOf(index: number, tree: LeafRange): readonly LeafRange[] {
  if (tree.to - tree.from === 1) return [];
  const [left, right] = halves(tree);
  return index < left.to ? [...pathOf(index, left), right] : [...pathOf(index, right), left];
}

/** What shows that the tree of `first` leaves is the beginning of that of `size`. @see RFC 6962 §2.1.2 */
export function consistencyRanges(first: number, size: number): readonly LeafRange[] {
  return first === 0 || first === size ? [] : growthOf(first, { from: 0, to: size }, true);
}

/** @param known the tree up to here is the older one, whose root the verifier has */
function growthOf(first: number, tree: LeafRange, known: boolean): readonly LeafRange[] {
  if (first === tree.to) return known ? [] : [tree];
  const [left, right] = halves(tree);
  return first <= left.to ? [...growthOf(first, left, known), right] : [...growthOf(first, right, false), left];
}

/** The left one has the largest power of two of leaves that leaves something for the right one. */
function halves({ from, to }: LeafRange): readonly [LeafRange, LeafRange] {
  let half = 1;
  while (half * 2 < to - from) half *= 2;
  return [
    { from, to: from + half },
    { from: from + half, to },
  ];
}

/** The perfect subtrees that a range of a tree is made of, left to right. */
export function subtreesOf(range: LeafRange): readonly Subtree[] {
  const subtrees: Subtree[] = [];
  for (let { from } = range; from < range.to;) {
    let level = 0;
    let leaves = 1;
    while (from + leaves * 2 <= range.to && from % (leaves * 2) === 0) {
      leaves *= 2;
      level += 1;
    }
    subtrees.push({ level, index: from / leaves });
    from += leaves;
  }
  return subtrees;
}
