/** `card.number`: names of members from the outside in; `*` is any one, `**` any number of them. */
export type BodyPath = readonly string[];

export function parseBodyPath(text: string): BodyPath {
  return text.split(".");
}

/** Names that places end with. */
export function lastNames(paths: readonly BodyPath[]): ReadonlySet<string> {
  return new Set(paths.map((path) => path.at(-1) ?? ""));
}

interface Position {
  readonly path: BodyPath;
  /** How many of its names have been met. */
  readonly at: number;
}

/** Where in a body somebody stands: how far along each of the paths. */
export class Place {
  readonly #positions: readonly Position[];
  /** A path ends here or above: all that stands below a place is meant by it. */
  readonly isMeant: boolean;

  constructor(positions: readonly Position[]) {
    this.#positions = withoutAnyNumber(positions);
    this.isMeant = this.#positions.some(({ path, at }) => at === path.length);
  }

  /** Of a whole body. */
  static root(paths: readonly BodyPath[]): Place {
    return new Place(paths.map((path) => ({ path, at: 0 })));
  }

  member(name: string): Place {
    if (this.isMeant || this.#positions.length === 0) return this;
    return new Place(
      this.#positions.flatMap(({ path, at }) => {
        if (path[at] === "**") return [{ path, at }];
        return path[at] === "*" || path[at] === name ? [{ path, at: at + 1 }] : [];
      }),
    );
  }

  /** Elements of a list are where its name is: `cards.number` is of each card. */
  element(): Place {
    if (this.isMeant || !this.#positions.some(({ path, at }) => path[at] === "*")) return this;
    return new Place(this.#positions.map(({ path, at }) => ({ path, at: path[at] === "*" ? at + 1 : at })));
  }
}

/** Each once, and those behind a `**`, which may be no name at all, as well. */
function withoutAnyNumber(positions: readonly Position[]): readonly Position[] {
  const all: Position[] = [];
  for (const position of positions) {
    let { at } = position;
    const { path } = position;
    for (;;) {
      const [length, here] = [all.length, at];
      if (!all.some((one) => one.path === path && one.at === here)) all.push({ path, at });
      if (all.length === length || path[at] !== "**") break;
      at += 1;
    }
  }
  return all;
}
