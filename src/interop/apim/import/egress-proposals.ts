import { Problems } from "#notation/problems.ts";
import type { XmlDocument, XmlElement, XmlValue } from "#notation/xml/document.ts";
import { scanXml } from "#notation/xml/scan.ts";
import type { Import } from "./import.ts";

/** Where policies say whom to call: an attribute, or the element's text. */
const places: readonly { readonly element: string; readonly attribute: string | null }[] = [
  { element: "set-backend-service", attribute: "base-url" },
  { element: "set-url", attribute: null },
  { element: "proxy", attribute: "url" },
];

/** In a string of C#, with what may follow a host there. */
const origin = /\bhttps?:\/\/(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?\.?)+(?::\d{1,5})?(?=[/?"'&]|$)/g;

/**
 * What policies compute is called only where `egress.allow` names it; API Management calls anything. Which entries
 * the definition may need is said, and left to its owner: nothing is allowed by itself.
 */
export function proposeEgress({ draft, report, environments }: Import): void {
  const values = environments.names.map((environment) => environments.values.get(environment));
  for (const [path, text] of draft.files) {
    const document = path.endsWith(".xml") && text.includes("@") ? scanXml(path, text, new Problems()) : null;
    if (document === null) continue;
    for (const { place, source } of computedIn(document, document.root)) {
      const line = document.source.text.slice(0, place).split("\n").length;
      const filled = values.map((own) =>
        source.replaceAll(/\{\{([\w.-]+)\}\}/g, (hole, name: string) => {
          const value = own?.get(name);
          return typeof value === "string" ? value : hole;
        }),
      );
      const origins = new Set(filled.flatMap((one) => [...one.matchAll(origin)].map(([found]) => found.toLowerCase())));
      report.propose(
        `${path}:${line}`,
        [...origins].filter((one) => !one.endsWith(".")),
      );
    }
  }
}

interface Computed {
  readonly place: number;
  readonly source: string;
}

function computedIn(document: XmlDocument, element: XmlElement): readonly Computed[] {
  const own = places
    .filter((one) => one.element === element.name)
    .map(({ attribute }) => valueOf(element, attribute))
    .filter((value) => value?.kind === "expression");
  const inner = element.children.flatMap((child) => (child.kind === "element" ? computedIn(document, child) : []));
  return [
    ...own.flatMap((value) => {
      if (value === undefined) return [];
      const { start, end } = value;
      return [{ place: start, source: document.source.text.slice(start, end) }];
    }),
    ...inner,
  ];
}

function valueOf({ attributes, children }: XmlElement, attribute: string | null): XmlValue | undefined {
  if (attribute !== null) return attributes.find(({ name }) => name === attribute)?.value;
  return children.find((child) => child.kind === "text")?.value;
}
