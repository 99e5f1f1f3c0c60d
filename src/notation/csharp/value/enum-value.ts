import type { NetObject } from "./net-object.ts";

/** What an enum value has to know of its type. */
export interface EnumFacts {
  readonly id: string;
  readonly table: { readonly values?: Readonly<Record<string, number>>; readonly isFlags?: boolean };
}

export class EnumValue implements NetObject {
  readonly netType: string;
  readonly value: number;
  readonly #facts: EnumFacts;

  constructor(facts: EnumFacts, value: number) {
    this.netType = facts.id;
    this.value = value;
    this.#facts = facts;
  }

  equals(other: unknown): boolean {
    return other instanceof EnumValue && other.netType === this.netType && other.value === this.value;
  }

  get hashKey(): string {
    return `\0${this.netType} ${this.value}`;
  }

  toString(): string {
    const entries = Object.entries(this.#facts.table.values ?? {});
    const exact = entries.find(([, value]) => value === this.value);
    if (exact !== undefined) return exact[0];
    if (this.#facts.table.isFlags !== true) return String(this.value);
    const set = entries.filter(([, value]) => value !== 0 && (this.value & value) === value);
    const covered = set.reduce((all, [, value]) => all | value, 0);
    return covered === this.value ? set.map(([name]) => name).join(", ") : String(this.value);
  }
}
