import type { SourcePosition } from "#model/diagnostic.ts";
import { readEntries } from "#notation/yaml/collections.ts";
import type { Shape } from "./shape.ts";

export interface Named<T> {
  readonly name: string;
  /** Where the name stands. */
  readonly at: SourcePosition;
  readonly value: T;
}

interface NameRule {
  readonly pattern: string;
  readonly fix: string;
}

/** Names go into logs, records, headers and addresses of the admin API. */
export const plainName: NameRule = {
  pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$",
  fix: "use letters, digits, . _ and -, at most 80, starting with a letter or digit",
};

/** What OpenAPI documents call their operations. */
export const operationName: NameRule = {
  pattern: "^[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,119}$",
  fix: "use letters, digits and . _ : / -, at most 120",
};

/** A map from names of one's own choosing to values of one shape. */
export function record<T>(kind: string, values: Shape<T>, rule: NameRule = plainName): Shape<readonly Named<T>[]> {
  const pattern = new RegExp(rule.pattern);
  return {
    schema: { type: "object", additionalProperties: values.schema, propertyNames: { pattern: rule.pattern } },
    read: (reading, slot) => {
      const named: Named<T>[] = [];
      const expected = `a map from names to ${kind}`;
      for (const { key, at, slot: inner } of readEntries(reading, slot, expected, "write name: { … }") ?? []) {
        if (!pattern.test(key)) {
          const shown = JSON.stringify(key.slice(0, 80));
          reading.problems.error("name-invalid", at, `${shown} cannot be a name`, rule.fix);
        }
        const value = values.read(reading, inner);
        if (value !== undefined) named.push({ name: key, at, value });
      }
      return named;
    },
  };
}
