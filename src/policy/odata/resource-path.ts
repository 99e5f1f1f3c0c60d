import { readArguments, readQualifiedName } from "./expression.ts";
import { Reader } from "./reader.ts";
import { OdataProblem } from "./tokens.ts";

/** `$query` is not among them: what it asks for stands in the body, where nobody would look at it. */
const known: ReadonlySet<string> = new Set([
  "$all",
  "$batch",
  "$count",
  "$crossjoin",
  "$each",
  "$entity",
  "$filter",
  "$links",
  "$metadata",
  "$ref",
  "$root",
  "$value",
]);

/** The path below the service root, percent-encoded. @see OData URL Conventions, §4 @throws OdataProblem */
export function checkResourcePath(path: string): void {
  const segments = path.replace(/^\//, "").replace(/\/$/, "").split("/");
  if (segments.length === 1 && segments[0] === "") return;
  for (const segment of segments) checkSegment(decoded(segment));
}

function checkSegment(segment: string): void {
  if (segment === "") throw new OdataProblem("the path has an empty segment");
  // A key may stand as a segment of its own, and is whatever keys are.
  if (!/[$('"]/.test(segment)) return;
  const reader = new Reader(segment);
  if (reader.next.kind === "option") {
    if (!known.has(reader.next.text)) throw new OdataProblem("the path has a segment that OData does not know");
    reader.take();
  } else readQualifiedName(reader);
  // A function's result may have a key of its own.
  while (reader.is("(")) readArguments(reader);
  reader.end();
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new OdataProblem("the path is not well encoded");
  }
}
