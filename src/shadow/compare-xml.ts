import { SaxesParser } from "saxes";
import type { Difference } from "./difference.ts";

const deepest = 64;
const mostPlaces = 2000;

/**
 * Loosely: which elements and attributes there are, by their names without prefixes. Neither text nor order, nor how
 * often. Null: one of them is not well-formed.
 */
export function compareXml(old: string, fresh: string, most: number): readonly Difference[] | null {
  const [before, now] = [placesOf(old), placesOf(fresh)];
  if (before === null || now === null) return null;
  const missing = [...before.difference(now)].map((place) => found("element-missing", place));
  const added = [...now.difference(before)].map((place) => found("element-added", place));
  return [...missing, ...added].slice(0, most);
}

function found(kind: "element-missing" | "element-added", place: string): Difference {
  return { kind, place, old: "", fresh: "" };
}

/** No entity but XML's own five is known to the parser, so none is read and none grows. */
function placesOf(text: string): Set<string> | null {
  const places = new Set<string>();
  const open: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  let isBroken = false;
  parser.on("error", () => {
    isBroken = true;
  });
  parser.on("opentag", ({ local, attributes }) => {
    open.push(local);
    if (open.length > deepest || places.size > mostPlaces) return;
    const place = `/${open.join("/")}`;
    places.add(place);
    for (const { local: attribute, prefix } of Object.values(attributes)) {
      if (prefix !== "xmlns" && attribute !== "xmlns") places.add(`${place}/@${attribute}`);
    }
  });
  parser.on("closetag", () => {
    open.pop();
  });
  parser.write(text).close();
  return isBroken ? null : places;
}
