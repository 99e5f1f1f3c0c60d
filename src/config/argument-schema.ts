import { durationPattern, formatDuration, formatSize, sizePattern } from "#notation/units.ts";
import type { ArgumentSpec, PolicySpec } from "#notation/catalogue/spec.ts";
import { placeholderReference } from "./shapes/fillable.ts";
import type { JsonSchema } from "./shapes/shape.ts";

/** What may stand behind a policy's name: a map, nothing, or its shorthand. */
export function argumentsSchema(spec: PolicySpec): JsonSchema {
  const whole = argumentMapSchema(spec.args);
  const needed = Object.values(spec.args).some(({ required }) => required === true);
  const short = spec.shorthand === undefined ? undefined : spec.args[spec.shorthand];
  const forms = [whole, ...(needed ? [] : [{ type: "null" }]), ...(short === undefined ? [] : [argumentSchema(short)])];
  return { description: spec.summary, examples: [spec.example], ...(forms.length === 1 ? whole : { anyOf: forms }) };
}

/** A map with these arguments and no others, unless `additional` says what they are. */
export function argumentMapSchema(args: Readonly<Record<string, ArgumentSpec>>, additional?: ArgumentSpec): JsonSchema {
  const shown = Object.entries(args).filter(([, spec]) => spec.pending !== true);
  const required = Object.entries(args).filter(([, spec]) => spec.required === true && spec.default === undefined);
  return {
    type: "object",
    properties: Object.fromEntries(shown.map(([name, spec]) => [name, described(spec)])),
    additionalProperties: additional === undefined ? false : argumentSchema(additional),
    ...(required.length === 0 ? {} : { required: required.map(([name]) => name) }),
  };
}

function described(spec: ArgumentSpec): JsonSchema {
  const shown = spec.default === undefined ? {} : { default: showDefault(spec, spec.default) };
  return { ...argumentSchema(spec), description: spec.summary, ...shown };
}

function showDefault({ type }: ArgumentSpec, value: string | number | boolean): string | number | boolean {
  if (typeof value !== "number") return value;
  if (type === "duration") return formatDuration(value);
  return type === "size" ? formatSize(value) : value;
}

function argumentSchema(spec: ArgumentSpec): JsonSchema {
  switch (spec.type) {
    case "list": {
      const items = spec.items === undefined ? {} : argumentSchema(spec.items);
      return { anyOf: [{ type: "array", items, ...bounds(spec, "minItems", "maxItems") }, items] };
    }
    case "map":
      return argumentMapSchema(spec.entries ?? {}, spec.additional);
    case "policies":
      return { $ref: "#/$defs/sequence-inner" };
    case "condition":
      return { type: ["string", "boolean"], description: "CEL that gives a bool." };
    case "string":
      return { type: "string" };
    case "any":
      return { type: ["string", "number", "boolean"] };
    default: {
      const open = spec.expression === true ? [{ $ref: "#/$defs/expression" }] : [];
      return { anyOf: [...literalSchemas(spec), placeholderReference, ...open] };
    }
  }
}

function literalSchemas(spec: ArgumentSpec): readonly JsonSchema[] {
  switch (spec.type) {
    case "duration":
      return [{ type: "string", pattern: durationPattern }, { const: 0 }];
    case "size":
      return [
        { type: "string", pattern: sizePattern },
        { type: "integer", ...bounds(spec, "minimum", "maximum") },
      ];
    case "enum":
      return [{ enum: spec.values ?? [] }];
    case "boolean":
      return [{ type: "boolean" }];
    default:
      return [{ type: spec.type, ...bounds(spec, "minimum", "maximum") }];
  }
}

function bounds({ min, max }: ArgumentSpec, low: string, high: string): JsonSchema {
  return { ...(min === undefined ? {} : { [low]: min }), ...(max === undefined ? {} : { [high]: max }) };
}
