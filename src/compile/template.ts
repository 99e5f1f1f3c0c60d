import { partsOf } from "#notation/segment-parts.ts";
import { invalid } from "./invalid.ts";
import { literalSegment } from "./literal-segment.ts";

export type TemplateSegment =
  /** Empty only as the last: a trailing slash. */
  | { readonly kind: "literal"; readonly text: string }
  /** `{name}`: one non-empty segment. */
  | { readonly kind: "parameter"; readonly name: string }
  /** `{name}.json`: one segment with something in the place of each name. As in `SegmentParts`. */
  | { readonly kind: "pattern"; readonly texts: readonly string[]; readonly names: readonly string[] }
  /** `{*name}`: all the rest, possibly nothing. Last only. */
  | { readonly kind: "rest"; readonly name: string };

const braced = /^\{(\*?)([^{}*/]+)\}$/;

/** An API's path and an operation's template as one. The template `/` stands for the API's path itself. */
export function joinTemplate(apiPath: string, template: string): string {
  if (apiPath === "/") return template;
  return template === "/" ? apiPath : apiPath + template;
}

/** Segments of a template; none for `/`. @throws GatewayError `definition-invalid` */
export function parseTemplate(template: string): readonly TemplateSegment[] {
  if (!template.startsWith("/")) throw invalid(`template ${template} does not start with a slash`);
  if (template === "/") return [];
  const segments = template.slice(1).split("/").map(parseSegment);
  const early = segments.slice(0, -1);
  if (early.some((segment) => segment.kind === "rest" || (segment.kind === "literal" && segment.text === ""))) {
    throw invalid(`template ${template} has an empty segment or a {*rest} before its end`);
  }
  const names = parameterNames(segments);
  if (new Set(names).size < names.length) throw invalid(`template ${template} uses a parameter's name twice`);
  return segments;
}

export function parameterNames(segments: readonly TemplateSegment[]): readonly string[] {
  return segments.flatMap(namesOf);
}

function namesOf(segment: TemplateSegment): readonly string[] {
  if (segment.kind === "literal") return [];
  return segment.kind === "pattern" ? segment.names : [segment.name];
}

/**
 * Length of an API's path as it stands in normalised request paths; 0 for `/`, so that the rest keeps its slash.
 * @throws GatewayError `definition-invalid` when the path has parameters: its length would differ by request.
 */
export function pathLength(apiPath: string): number {
  let length = 0;
  for (const segment of parseTemplate(apiPath)) {
    if (segment.kind !== "literal") throw invalid(`API path ${apiPath} has a parameter`);
    length += 1 + segment.text.length;
  }
  return length;
}

function parseSegment(text: string): TemplateSegment {
  const match = braced.exec(text);
  if (match !== null) return { kind: match[1] === "*" ? "rest" : "parameter", name: match[2] as string };
  if (/[{}]/.test(text)) return parsePattern(text);
  return { kind: "literal", text: literalSegment(text) };
}

function parsePattern(text: string): TemplateSegment {
  const parts = partsOf(text);
  // Taken as text it would be a route that nobody reaches.
  if (parts === undefined) throw invalid(`segment ${text} is neither text nor parameters with text between them`);
  return { kind: "pattern", texts: parts.texts.map(literalSegment), names: parts.names };
}
