import type { Parameter } from "#notation/csharp/syntax/ast.ts";
import type { CsType } from "#notation/csharp/type/cs-type.ts";
import { firstSlot } from "./bound.ts";

export interface Local {
  readonly kind: "local";
  readonly name: string;
  readonly type: CsType;
  readonly slot: number;
  readonly owner: FunctionScope;
  /** Known while a lambda is bound, so before anything is linked: a shared variable lives in a cell. */
  isShared: boolean;
  readonly isReadonly: boolean;
  readonly constant?: unknown;
  /** Of a local function: its arguments may be named, and left out. */
  parameters?: readonly Parameter[];
}

/** A query's name for a member of its lambda's parameter. */
export interface AliasSymbol {
  readonly kind: "alias";
  readonly parameter: Local;
  readonly path: readonly string[];
}

export type VariableSymbol = Local | AliasSymbol;

/** The slots of one function: the expression itself, a lambda, a local function. */
export class FunctionScope {
  readonly outer: FunctionScope | null;
  readonly captures: Map<Local, number> = new Map();
  #next = firstSlot;

  constructor(outer: FunctionScope | null) {
    this.outer = outer;
  }

  get size(): number {
    return this.#next;
  }

  newSlot(): number {
    return this.#next++;
  }

  /** Where this function finds the variable. One of an outer function becomes shared, and is handed in. */
  slotOf(local: Local): number {
    if (local.owner === this) return local.slot;
    let slot = this.captures.get(local);
    if (slot === undefined) {
      local.isShared = true;
      this.outer?.slotOf(local);
      slot = this.newSlot();
      this.captures.set(local, slot);
    }
    return slot;
  }
}

/** The names of one block. */
export class Scope {
  readonly outer: Scope | null;
  readonly owner: FunctionScope;
  readonly #names = new Map<string, VariableSymbol>();

  constructor(outer: Scope | null, owner: FunctionScope) {
    this.outer = outer;
    this.owner = owner;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  find(name: string): VariableSymbol | undefined {
    return this.#names.get(name) ?? this.outer?.find(name);
  }

  set(name: string, symbol: VariableSymbol): void {
    this.#names.set(name, symbol);
  }
}
