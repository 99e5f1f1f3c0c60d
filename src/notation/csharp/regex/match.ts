import { step } from "#notation/csharp/value/run.ts";
import type { Anchor, RegexNode } from "./node.ts";

type Next = (at: number) => boolean;
type Matcher = (at: number, next: Next) => boolean;

export type Capture = readonly [start: number, end: number];

const isWord = /[\p{L}\p{Mn}\p{Nd}\p{Pc}]/u;

/** A search by backtracking over one text. Each character tried is a step, so no pattern runs for ever. */
export class Search {
  readonly #text: string;
  /** Captures of each group so far, the last one counts. */
  readonly captures: Capture[][];
  #origin = 0;

  constructor(text: string, groups: number) {
    this.#text = text;
    this.captures = Array.from({ length: groups }, () => []);
  }

  /** The first match at or behind `from`: its end and captures, or null. */
  find(root: RegexNode, from: number): Capture | null {
    this.#origin = from;
    const run = this.#matcher(root);
    for (let start = from; start <= this.#text.length; start++) {
      step();
      for (const list of this.captures) list.length = 0;
      let end = -1;
      const found = run(start, (at) => {
        end = at;
        return true;
      });
      if (found) return [start, end];
    }
    return null;
  }

  #matcher(node: RegexNode): Matcher {
    switch (node.kind) {
      case "char":
        return (at, next) => {
          step();
          return at < this.#text.length && node.test(this.#text[at] as string) && next(at + 1);
        };
      case "sequence":
        return this.#sequence(node.items.map((item) => this.#matcher(item)));
      case "choice": {
        const options = node.options.map((option) => this.#matcher(option));
        return (at, next) => options.some((option) => option(at, next));
      }
      case "repeat":
        return node.item.kind === "char"
          ? this.#repeatChar(node.item.test, node)
          : this.#repeat(this.#matcher(node.item), node);
      case "capture":
        return this.#capture(node);
      case "back":
        return this.#back(node.group, node.ignoresCase);
      case "look":
        return this.#look(node);
      case "atomic": {
        const inner = this.#matcher(node.item);
        return (at, next) => {
          const end = this.#alone(inner, at);
          return end !== -1 && next(end);
        };
      }
      case "if":
        return this.#conditional(node);
      case "anchor":
        return (at, next) => this.#holds(node.anchor, at) && next(at);
    }
  }

  #sequence(items: readonly Matcher[]): Matcher {
    const from = (index: number, at: number, next: Next): boolean => {
      const item = items[index];
      return item === undefined ? next(at) : item(at, (end) => from(index + 1, end, next));
    };
    return (at, next) => from(0, at, next);
  }

  /** Without recursion, because a text may be long. */
  #repeatChar(test: (char: string) => boolean, { min, max, isLazy }: Extract<RegexNode, { kind: "repeat" }>): Matcher {
    const text = this.#text;
    const fits = (at: number): boolean => {
      step();
      return at < text.length && test(text[at] as string);
    };
    return (at, next) => {
      let count = 0;
      while (count < min) {
        if (!fits(at + count)) return false;
        count++;
      }
      if (isLazy) {
        for (;;) {
          if (next(at + count)) return true;
          if (count >= max || !fits(at + count)) return false;
          count++;
        }
      }
      while (count < max && fits(at + count)) count++;
      for (; count >= min; count--) {
        step();
        if (next(at + count)) return true;
      }
      return false;
    };
  }

  #repeat(item: Matcher, { min, max, isLazy }: Extract<RegexNode, { kind: "repeat" }>): Matcher {
    const turn = (count: number, at: number, next: Next): boolean => {
      step();
      const again = (): boolean =>
        count < max && item(at, (end) => (end === at && count >= min ? false : turn(count + 1, end, next)));
      if (count < min) return again();
      return isLazy ? next(at) || again() : again() || next(at);
    };
    return (at, next) => turn(0, at, next);
  }

  #capture({ item, group, pop }: Extract<RegexNode, { kind: "capture" }>): Matcher {
    const inner = this.#matcher(item);
    return (start, next) =>
      inner(start, (end) => {
        const popped = pop === null ? undefined : this.captures[pop]?.pop();
        if (pop !== null && popped === undefined) return false;
        const list = group === null ? undefined : this.captures[group];
        list?.push(popped === undefined ? [start, end] : [popped[1], start]);
        if (next(end)) return true;
        list?.pop();
        if (popped !== undefined && pop !== null) this.captures[pop]?.push(popped);
        return false;
      });
  }

  #back(group: number, ignoresCase: boolean): Matcher {
    return (at, next) => {
      const last = this.captures[group]?.at(-1);
      if (last === undefined) return false;
      const wanted = this.#text.slice(last[0], last[1]);
      step(1 + wanted.length);
      const given = this.#text.slice(at, at + wanted.length);
      const isSame = ignoresCase ? given.toLowerCase() === wanted.toLowerCase() : given === wanted;
      return isSame && next(at + wanted.length);
    };
  }

  /** The first way that the node matches by itself; -1: none. Its captures stay. */
  #alone(inner: Matcher, at: number): number {
    let found = -1;
    inner(at, (end) => {
      found = end;
      return true;
    });
    return found;
  }

  #look({ item, isBehind, isNegative }: Extract<RegexNode, { kind: "look" }>): Matcher {
    const inner = this.#matcher(item);
    return (at, next) => {
      const saved = this.captures.map((list) => list.slice());
      const found = isBehind ? this.#behind(inner, at) : this.#alone(inner, at) !== -1;
      if (found !== isNegative && next(at)) return true;
      for (const [group, list] of saved.entries()) this.captures[group]?.splice(0, Infinity, ...list);
      return false;
    };
  }

  #behind(inner: Matcher, at: number): boolean {
    for (let start = at; start >= 0; start--) {
      step();
      if (inner(start, (end) => end === at)) return true;
    }
    return false;
  }

  #conditional(node: Extract<RegexNode, { kind: "if" }>): Matcher {
    const test = node.test === null ? null : this.#matcher(node.test);
    const yes = this.#matcher(node.yes);
    const no = this.#matcher(node.no);
    return (at, next) => {
      const holds =
        node.group === null ? test !== null && test(at, () => true) : (this.captures[node.group]?.length ?? 0) > 0;
      return holds ? yes(at, next) : no(at, next);
    };
  }

  #holds(anchor: Anchor, at: number): boolean {
    const text = this.#text;
    switch (anchor) {
      case "A":
        return at === 0;
      case "z":
        return at === text.length;
      case "Z":
        return at === text.length || (at === text.length - 1 && text[at] === "\n");
      case "G":
        return at === this.#origin;
      case "m^":
        return at === 0 || text[at - 1] === "\n";
      case "m$":
        return at === text.length || text[at] === "\n";
      default: {
        const before = at > 0 && isWord.test(text[at - 1] as string);
        const behind = at < text.length && isWord.test(text[at] as string);
        return (before !== behind) === (anchor === "b");
      }
    }
  }
}
