const longest = 80;

/** Gives things names that a definition can have: each its own, and its id wherever that will do. */
export class Names {
  readonly #byId = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** The same id has the same name. Ids are compared as API Management compares them: without case. */
  give(id: string): string {
    const known = this.find(id);
    if (known !== undefined) return known;
    const base = plainName(id);
    let name = base;
    for (let count = 2; this.#taken.has(name); count += 1) name = `${base.slice(0, longest - 8)}-${count}`;
    this.#taken.add(name);
    this.#byId.set(id.toLowerCase(), name);
    return name;
  }

  find(id: string): string | undefined {
    return this.#byId.get(id.toLowerCase());
  }
}

/** `orders;rev=2` → `orders-rev2`. */
export function plainName(id: string): string {
  const words = id.replace(/;rev=(\d+)$/, "-rev$1").replaceAll(/[^A-Za-z0-9._-]+/g, "-");
  const name = words.replace(/^[^A-Za-z0-9]+/, "").slice(0, longest);
  return name === "" ? "unnamed" : name;
}

/** `api-key` → `API_KEY`. */
export function variableName(name: string): string {
  const words = name.replaceAll(/[^A-Za-z0-9]+/g, "_").toUpperCase();
  return /^\d/.test(words) ? `_${words}` : words;
}

/** The last part of `/apiVersionSets/orders` or of a whole resource id. */
export function idOf(reference: string): string {
  return reference.slice(reference.replace(/\/+$/, "").lastIndexOf("/") + 1).replace(/\/+$/, "");
}
