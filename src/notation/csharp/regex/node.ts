/** Is the UTF-16 unit (or, as text, its character) one of the class? */
export type CharTest = (char: string) => boolean;

export type RegexNode =
  | { readonly kind: "char"; readonly test: CharTest }
  | { readonly kind: "sequence"; readonly items: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly options: readonly RegexNode[] }
  | {
      readonly kind: "repeat";
      readonly item: RegexNode;
      readonly min: number;
      readonly max: number;
      readonly isLazy: boolean;
    }
  /** `pop`: the group whose last capture is taken away (balancing); `group` null: nothing is captured. */
  | { readonly kind: "capture"; readonly item: RegexNode; readonly group: number | null; readonly pop: number | null }
  | { readonly kind: "back"; readonly group: number; readonly ignoresCase: boolean }
  | { readonly kind: "look"; readonly item: RegexNode; readonly isBehind: boolean; readonly isNegative: boolean }
  | { readonly kind: "atomic"; readonly item: RegexNode }
  | {
      readonly kind: "if";
      readonly group: number | null;
      readonly test: RegexNode | null;
      readonly yes: RegexNode;
      readonly no: RegexNode;
    }
  | { readonly kind: "anchor"; readonly anchor: Anchor };

/** `Z` also stands before a last newline; `m^` and `m$` are those of multiline mode. */
export type Anchor = "A" | "Z" | "z" | "G" | "b" | "B" | "m^" | "m$";

export interface ParsedRegex {
  readonly root: RegexNode;
  /** Name of each group by its number; unnamed ones have their number. */
  readonly names: readonly string[];
  /** Only what a linear engine can do occurs. */
  readonly isRegular: boolean;
}
