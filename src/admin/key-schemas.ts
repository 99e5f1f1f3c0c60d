import { count, type JsonSchema, list, nullable, object, string, time } from "./schema-parts.ts";

export type KeySchemaName = "Keys" | "RotatedKeys" | "OldKeyReport";

const slot: JsonSchema = { enum: ["primary", "secondary"] };
const id: JsonSchema = {
  ...string,
  description: "Of the key; it says nothing of it, and is what the record calls it.",
};
const usedAt = nullable({ ...time, description: "To the minute. Null: never, as far as is known." });

export const rotationSchema: JsonSchema = object({
  every: { ...count, description: "At this age a key is due, in milliseconds." },
  grace: { ...count, description: "So long an old key goes on." },
  notice: { ...count, description: "So long before it is due people are told." },
});

/** Shapes of keys that follow one another. */
export const keySchemas: Readonly<Record<KeySchemaName, JsonSchema>> = {
  Keys: object({
    name: string,
    source: { enum: ["declared", "created"] },
    rotation: nullable({ ...rotationSchema, description: "Null: there is no schedule." }),
    keys: list(
      object({
        slot,
        id,
        state: {
          enum: ["young", "noticed", "due", "old"],
          description: "`noticed`: due soon. `old`: it has left its slot.",
        },
        madeAt: time,
        dueAt: nullable(time),
        endsAt: nullable({ ...time, description: "Of old ones." }),
        usedAt,
      }),
    ),
  }),
  RotatedKeys: object({
    name: string,
    keys: list(object({ slot, id, key: { ...string, description: "Shown here once, and kept nowhere." } })),
    oldEndAt: nullable({ ...time, description: "When the keys before end. Null: they have ended." }),
  }),
  OldKeyReport: object({
    keys: list(
      object({
        subscription: string,
        slot,
        id,
        scope: string,
        owner: nullable(string),
        since: time,
        endsAt: time,
        usedAt,
      }),
    ),
  }),
};
