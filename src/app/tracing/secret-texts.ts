import type { Snapshot } from "#model/snapshot.ts";

const minSecret = 4;

/** What policies of a snapshot hold that the definition calls secret, as texts. */
export function secretTexts({ chains }: Snapshot): ReadonlySet<string> {
  const texts = new Set<string>();
  collect(chains, texts);
  return texts;
}

/** A tree of plain data: whatever in it is a secret literal. */
function collect(value: unknown, texts: Set<string>): void {
  if (Array.isArray(value)) {
    for (const one of value) collect(one, texts);
  } else if (typeof value === "object" && value !== null) {
    const { kind, secret, value: text } = value as { readonly kind?: unknown; secret?: unknown; value?: unknown };
    if (kind === "literal" && secret === true && String(text).length >= minSecret) texts.add(String(text));
    for (const one of Object.values(value)) collect(one, texts);
  }
}
