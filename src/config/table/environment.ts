import { isMap } from "yaml";
import { readRaw } from "#notation/yaml/scalars.ts";
import { hasPlaceholder } from "#notation/yaml/fill.ts";
import { flag } from "#config/shapes/choice.ts";
import { object } from "#config/shapes/object.ts";
import { type Named, record } from "#config/shapes/record.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import type { Shape } from "#config/shapes/shape.ts";

export interface PlainValue {
  readonly kind: "plain";
  readonly value: string | number | boolean;
  readonly text: string;
}

export type ValueInput = PlainValue | SecretSource;

export interface EnvironmentInput {
  readonly production: boolean | undefined;
  readonly values: readonly Named<ValueInput>[];
}

/** A plain value or a secret. Values are not filled into each other. */
const value: Shape<ValueInput> = {
  schema: { anyOf: [{ type: ["string", "number", "boolean"] }, { $ref: "#/$defs/secret" }] },
  read: (reading, slot) => {
    if (isMap(slot.node)) return secret.read(reading, slot);
    const raw = readRaw(reading, slot, "a value, or a secret { env: … } or { file: … }");
    if (raw === undefined) return undefined;
    if (hasPlaceholder(raw.text)) {
      reading.problems.error("value-invalid", slot.at, "a value cannot refer to another value", "write it out");
      return undefined;
    }
    return { kind: "plain", ...raw };
  },
};

const environmentShape = object<EnvironmentInput>("an environment", {
  production: { shape: flag, about: "This is production; assumed of the names prod and production." },
  values: { shape: record("values", value), about: "Values for {{name}}, or secrets.", default: [] },
});

export const environmentsShape: Shape<readonly Named<EnvironmentInput>[]> = record("environments", environmentShape);
