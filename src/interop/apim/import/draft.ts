/** What YAML can say. */
export type Setting = string | number | boolean | readonly Setting[] | { readonly [name: string]: Setting | undefined };

export type Settings = { readonly [name: string]: Setting | undefined };

export const sections = [
  "certificates",
  "fragments",
  "versionSets",
  "apis",
  "products",
  "backends",
  "loggers",
  "diagnostics",
  "cache",
  "serviceFabric",
  "schemas",
  "subscriptions",
  "environments",
] as const;

export type Section = (typeof sections)[number];

export interface DraftEntry {
  readonly value: Setting;
  /** Where it came from, and what to know about it: a line each. */
  readonly comments: readonly string[];
}

/** A definition as it grows, with the files beside it. */
export class DefinitionDraft {
  readonly sections: ReadonlyMap<Section, Map<string, DraftEntry>> = new Map(
    sections.map((section) => [section, new Map<string, DraftEntry>()]),
  );
  /** Global policies, if any. */
  policies: string | undefined = undefined;
  /** Its policies use Dapr's sidecar. */
  dapr: boolean = false;
  /** Texts by path below the definition. */
  readonly files: Map<string, string> = new Map();
  /** The same; for nobody's eyes but the owner's. */
  readonly secrets: Map<string, string> = new Map();
  /** What could not be put anywhere: lines above everything. */
  readonly remarks: string[] = [];

  put(section: Section, name: string, value: Setting, comments: readonly string[] = []): void {
    this.sections.get(section)?.set(name, { value, comments });
  }

  has(section: Section, name: string): boolean {
    return this.sections.get(section)?.has(name) === true;
  }

  /** @returns how the definition names it */
  file(path: string, text: string): string {
    this.files.set(path, text);
    return `./${path}`;
  }
}
