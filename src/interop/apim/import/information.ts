import type { Import } from "./import.ts";

/** The properties of one `…Information.json`. Whatever is of another kind than it should be counts as absent. */
export class Information {
  readonly #properties: Readonly<Record<string, unknown>>;

  constructor(properties: unknown) {
    this.#properties = isRecord(properties) ? properties : {};
  }

  text(name: string): string | undefined {
    const value = this.#properties[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  /** A map, as JSON. */
  json(name: string): string | undefined {
    const value = this.#properties[name];
    return isRecord(value) ? JSON.stringify(value) : undefined;
  }

  flag(name: string): boolean | undefined {
    const value = this.#properties[name];
    return typeof value === "boolean" ? value : undefined;
  }

  number(name: string): number | undefined {
    const value = this.#properties[name];
    return typeof value === "number" ? value : undefined;
  }

  list(name: string): readonly unknown[] {
    const value = this.#properties[name];
    return Array.isArray(value) ? value : [];
  }

  texts(name: string): readonly string[] {
    return this.list(name).filter((one) => typeof one === "string");
  }

  /** Empty when absent. */
  inner(name: string): Information {
    return new Information(this.#properties[name]);
  }

  inners(name: string): readonly Information[] {
    return this.list(name).map((one) => new Information(one));
  }

  names(): readonly string[] {
    return Object.keys(this.#properties).filter((name) => this.#properties[name] !== null);
  }

  get all(): Readonly<Record<string, unknown>> {
    return this.#properties;
  }

  /** These properties with others laid over, maps into each other. */
  with(others: Readonly<Record<string, unknown>>): Information {
    return new Information(merge(this.#properties, others));
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function merge(
  under: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const both = Object.entries(over).map(([name, value]) => {
    const below = under[name];
    return [name, isRecord(value) && isRecord(below) ? merge(below, value) : value] as const;
  });
  return { ...under, ...Object.fromEntries(both) };
}

/** One of a kind: a folder with its information. */
export interface Resource {
  /** As other resources refer to it. */
  readonly id: string;
  /** Path of its folder. */
  readonly folder: string;
  /** Path of its information. */
  readonly path: string;
  readonly information: Information;
}

/** All resources of a kind, in the order of their folders. What cannot be read is reported. */
export function resourcesOf(context: Import, kind: string, file: string): readonly Resource[] {
  const found: Resource[] = [];
  for (const [path, text] of context.artifacts.texts) {
    const [top, folderName, name, ...rest] = path.split("/");
    if (top !== kind || folderName === undefined || name !== file || rest.length > 0) continue;
    const json = parseJson(text);
    context.settled.add(path);
    if (!isRecord(json)) {
      context.report.refuse(path, "is no JSON object");
      continue;
    }
    const { name: id, properties } = json;
    const information = new Information(context.fill(properties ?? json));
    found.push({
      id: typeof id === "string" ? idWithin(id) : folderName,
      folder: `${kind}/${folderName}`,
      path,
      information,
    });
  }
  return found;
}

function idWithin(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}
