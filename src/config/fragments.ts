import type { SourcePosition } from "#model/diagnostic.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Place } from "#notation/policies/place.ts";
import type { Fragments, PolicyReading } from "#notation/policies/policy-reading.ts";
import { readXmlFragment } from "#notation/xml/policies.ts";
import { readYamlFragment } from "#notation/yaml-policies.ts";
import { child, scalarText } from "#notation/yaml/child.ts";
import { readEntries } from "#notation/yaml/collections.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import type { PolicyFiles } from "./policy-files.ts";
import { xmlReading } from "./xml-reading.ts";

/** Fragments are copied where they are included; this many characters may be read over again for it. */
const maxCopied = 33_554_432;

/** The fragments of a definition, each read anew for every place that includes it: the place decides what may stand there. */
export class DefinitionFragments implements Fragments {
  readonly #slots: ReadonlyMap<string, Slot>;
  readonly #reading: PolicyReading;
  readonly #files: PolicyFiles;
  readonly #used = new Set<string>();
  #copied = 0;

  constructor(reading: PolicyReading, root: Slot, files: PolicyFiles) {
    const slot = child(reading, root, "fragments");
    const entries = slot === undefined ? [] : (readEntries(reading, slot, "a map from names to fragments") ?? []);
    this.#slots = new Map(entries.map((entry) => [entry.key, entry.slot]));
    this.#reading = { ...reading, fragments: refusing(reading) };
    this.#files = files;
  }

  get names(): readonly string[] {
    return [...this.#slots.keys()];
  }

  read(name: string, place: Place, at: SourcePosition): readonly PolicyNode[] | undefined {
    const slot = this.#slots.get(name);
    if (slot === undefined) return undefined;
    this.#used.add(name);
    return this.#read(slot, place, at);
  }

  /** What nothing includes is checked all the same, as far as that goes without a place. */
  checkUnused(): void {
    for (const [name, slot] of this.#slots) {
      if (this.#used.has(name)) continue;
      const place = { section: null, scope: null, inside: null, only: null, seen: new Set<string>(), depth: 0 };
      this.#read(slot, place, slot.at);
    }
  }

  #read(slot: Slot, place: Place, at: SourcePosition): readonly PolicyNode[] {
    const file = scalarText(slot);
    if (file === undefined) return readYamlFragment(this.#reading, slot, place);
    const document = this.#files.get(file);
    if (document === undefined || document === null) return [];
    this.#copied += document.source.text.length;
    if (this.#copied > maxCopied) {
      this.#reading.problems.error(
        "xml-too-large",
        at,
        "fragments are included too often",
        "include them in fewer places",
      );
      return [];
    }
    return readXmlFragment(xmlReading(this.#reading), document, place);
  }
}

/** Fragments do not include fragments: so none can include itself. */
function refusing({ problems }: PolicyReading): Fragments {
  return {
    names: [],
    read: (name, _place, at) => {
      const fix = "include both where this one is included";
      problems.error("fragment-nested", at, `a fragment cannot include another, ${name}`, fix);
      return [];
    },
  };
}
