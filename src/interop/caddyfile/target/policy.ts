/** One policy as the definition writes it: its name and what it takes. */
export type Policy = Readonly<Record<string, unknown>>;

export interface Branch {
  readonly condition: string;
  readonly policies: readonly Policy[];
}

export function choose(when: readonly Branch[], otherwise: readonly Policy[] = []): Policy {
  return { choose: { when, ...(otherwise.length === 0 ? {} : { otherwise }) } };
}

export function setVariable(name: string, value: unknown): Policy {
  return { "set-variable": { name, value } };
}
