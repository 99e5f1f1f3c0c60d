import { isMap } from "yaml";
import { readRaw } from "#notation/yaml/scalars.ts";
import { hasPlaceholder } from "#notation/yaml/fill.ts";
import type { Slot, SlotEntry } from "#notation/yaml/slot.ts";
import { refuseOverride } from "#config/environments/refuse-override.ts";
import { flag } from "#config/shapes/choice.ts";
import { object } from "#config/shapes/object.ts";
import { type Named, record } from "#config/shapes/record.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { type JsonSchema, type Located, located, type Shape } from "#config/shapes/shape.ts";
import { slotOf } from "#config/shapes/slot.ts";
import { anyText } from "#config/shapes/text.ts";
import { apiShape } from "./api.ts";
import { backendShape } from "./backend.ts";
import { edgeShape } from "./edge.ts";
import { type ExceptionInput, exceptionShape } from "./exception.ts";
import { overlay } from "./overlay.ts";

export interface PlainValue {
  readonly kind: "plain";
  readonly value: string | number | boolean;
  readonly text: string;
}

export type ValueInput = PlainValue | SecretSource;

export interface EnvironmentInput {
  readonly extends: Located<string> | undefined;
  readonly production: boolean | undefined;
  readonly values: readonly Named<ValueInput>[];
  /** By API. */
  readonly hosts: readonly Named<Slot>[];
  /** By backend. */
  readonly backends: readonly Named<readonly SlotEntry[]>[];
  readonly edge: readonly SlotEntry[];
  readonly exceptions: readonly Named<ExceptionInput>[];
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

const apiProperties = apiShape.schema["properties"] as Readonly<Record<string, JsonSchema>>;

const environmentShape = object<EnvironmentInput>(
  "an environment",
  {
    extends: {
      shape: located(anyText),
      about: "Another environment, whose values and settings it has unless it says its own.",
    },
    production: { shape: flag, about: "This is production; assumed of the names prod and production." },
    values: { shape: record("values", value), about: "Values for {{name}}, or secrets.", default: [] },
    hosts: {
      shape: record("hosts", slotOf(apiProperties["hosts"] ?? {})),
      about: "Hosts of APIs, by API, instead of those that the API names.",
      default: [],
    },
    backends: {
      shape: record("settings of backends", overlay("backends", "a backend of an environment", backendShape)),
      about: "Addresses, TLS and credentials of backends, by backend, instead of what the backend says.",
      default: [],
    },
    edge: {
      shape: overlay("edge", "edge of an environment", edgeShape),
      about: "Addresses to listen on and certificates, instead of what edge says.",
      default: [],
    },
    exceptions: {
      shape: record("exceptions", exceptionShape),
      about: "Arguments of policies that are others in this environment, for a while, with a reason, by name.",
      default: [],
    },
  },
  refuseOverride,
);

export const environmentsShape: Shape<readonly Named<EnvironmentInput>[]> = record("environments", environmentShape);
