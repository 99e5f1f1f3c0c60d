import { type Context, type FilterImplOptions, Liquid, type LiquidError, type Template } from "liquidjs";
import { type Filter, type Rendering, text } from "./filter.ts";
import { JsonArrayFor } from "./json-array-for.ts";
import { listFilters } from "./list-filters.ts";
import { numberFilters } from "./number-filters.ts";
import { textFilters } from "./text-filters.ts";

/** A template that has been parsed. */
export type LiquidTemplate = readonly Template[];

/** Characters of a template. */
const maxTemplate = 1_000_000;

/** A template stands in nobody's way longer than this: rendering cannot be left and taken up again. */
const maxRenderMs = 250;

/** Those that read other templates. There are no others here, and no file is ever one. */
const fileTags = ["include", "render", "layout", "block", "liquid", "echo"];

/** One for all: it keeps nothing of a request. Made for the first template: few definitions have any. */
let made: Liquid | undefined;

function engine(): Liquid {
  return (made ??= createEngine());
}

function createEngine(): Liquid {
  const liquid = new Liquid({
    strictFilters: true,
    ownPropertyOnly: true,
    templates: {},
    parseLimit: maxTemplate,
    renderLimit: maxRenderMs,
    outputEscape: chargeOutput,
  });
  for (const tag of fileTags) delete liquid.tags[tag];
  liquid.registerTag("JSONArrayFor", JsonArrayFor);
  for (const name of Object.keys(liquid.filters)) delete liquid.filters[name];
  for (const [name, filter] of Object.entries({ ...textFilters, ...listFilters, ...numberFilters })) {
    const handler = charged(filter);
    liquid.registerFilter(name, handler);
    liquid.registerFilter(snakeCase(name), handler);
  }
  return liquid;
}

interface FilterThis {
  readonly context: Context;
}

/** Name under which the time stands in the scope of a rendering. */
const nowName = "sallyport now";

/** Every value that is written counts: a large one that a loop repeats would fill the memory. */
function chargeOutput(this: unknown, value: unknown): string {
  const written = text(value);
  (this as FilterThis).context.memoryLimit.use(written.length);
  return written;
}

function charged(filter: Filter): FilterImplOptions {
  return function run(this: FilterThis, value: unknown, ...args: unknown[]): unknown {
    const { memoryLimit, globals } = this.context;
    const now = Number((globals as Readonly<Record<string, unknown>>)[nowName]);
    const rendering: Rendering = { charge: (units) => memoryLimit.use(units), now };
    const result = filter(value, args, rendering);
    if (typeof result === "string" || Array.isArray(result)) memoryLimit.use(result.length);
    return result;
  };
}

/** DotLiquid has its names in both. */
function snakeCase(name: string): string {
  return name.replaceAll(/(?<!^)[A-Z]/g, "_$&").toLowerCase();
}

/** @returns what is wrong with it, when it is none */
export function parseLiquid(source: string): LiquidTemplate | { readonly problem: string } {
  try {
    return engine().parse(source);
  } catch (error) {
    return { problem: problemOf(error as LiquidError) };
  }
}

/** The first line says it all: the others show the place in the text. */
function problemOf(error: LiquidError): string {
  return (error.message.split("\n", 1)[0] as string).replace(", line:", ", line ").replace(", col:", ", column ");
}

export interface RenderLimits {
  /** Characters that may be made on the way, all in all. */
  readonly maxUnits: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** @throws Error when it cannot be rendered; its message may quote what the template saw */
export function renderLiquid(template: LiquidTemplate, scope: object, { maxUnits, now }: RenderLimits): string {
  const options = { memoryLimit: maxUnits, globals: { [nowName]: now } };
  return engine().renderSync(template as Template[], scope, options) as string;
}
