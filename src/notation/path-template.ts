import { spellPiece, spellSegment } from "./path-segment.ts";
import { partsOf } from "./segment-parts.ts";

export interface PathTemplate {
  readonly template: string;
  /** The template without the names of its parameters: two templates of one shape match the same paths. */
  readonly shape: string;
}

export interface TemplateProblem {
  readonly problem: string;
  readonly fix?: string;
}

const maxLength = 2048;
const parameter = /^\{(\*?)([A-Za-z_][A-Za-z0-9_.-]{0,63})\}$/;
const parameters = /\{(\*?)[A-Za-z_][A-Za-z0-9_.-]{0,63}\}/g;
const parameterName = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

/** Checks `/`, `/{id}`, `/{name}.json`, `/files/{*rest}` and spells its literal parts the way requests are spelled. */
export function parseTemplate(text: string): PathTemplate | TemplateProblem {
  if (!text.startsWith("/")) return { problem: `${text} does not start with /`, fix: `write /${text}` };
  if (text.length > maxLength) return { problem: `a template is at most ${maxLength} characters long` };
  if (text === "/") return { template: "/", shape: "/" };
  const segments = text.slice(1).split("/");
  const names = new Set<string>();
  let template = "";
  for (const [at, segment] of segments.entries()) {
    const read = readSegment(segment, at === segments.length - 1, names);
    if (typeof read !== "string") return { ...read, problem: `${text}: ${read.problem}` };
    template += `/${read}`;
  }
  return { template, shape: shapeOf(template) };
}

/** Of a template that `parseTemplate` gave. */
export function shapeOf(template: string): string {
  return template.includes("{") ? template.replaceAll(parameters, "{$1}") : template;
}

function readSegment(segment: string, last: boolean, names: Set<string>): string | TemplateProblem {
  const [, rest, name] = (segment.startsWith("{") && parameter.exec(segment)) || [];
  if (name === undefined) return hasBrace(segment) ? readMixed(segment, names) : readLiteral(segment, last);
  const twice = claim(name, names);
  if (twice !== undefined) return twice;
  return rest === "*" && !last ? { problem: `{*${name}} takes the rest of the path, so it stands last` } : segment;
}

function hasBrace(segment: string): boolean {
  return segment.includes("{") || segment.includes("}");
}

function claim(name: string, names: Set<string>): TemplateProblem | undefined {
  if (names.has(name)) return { problem: `the parameter ${name} stands twice` };
  names.add(name);
  return undefined;
}

/** `{name}.{type}`, `Orders({id})`. */
function readMixed(segment: string, names: Set<string>): string | TemplateProblem {
  const parts = partsOf(segment);
  if (parts === undefined || !parts.names.every((name) => parameterName.test(name))) {
    return {
      problem: `${segment} is no segment of a template: parameters are {name}, with text between two of them`,
      fix: "write {name}, {name}.json or {from}-{to}",
    };
  }
  for (const name of parts.names) {
    const twice = claim(name, names);
    if (twice !== undefined) return twice;
  }
  let spelled = "";
  for (const [at, text] of parts.texts.entries()) {
    const piece = spellPiece(text);
    if (piece === undefined || /[?#]/.test(text)) return unreachable(text);
    spelled += at === parts.names.length ? piece : `${piece}{${parts.names[at]}}`;
  }
  return spelled;
}

function unreachable(segment: string): TemplateProblem {
  return { problem: `no request's path can hold the segment ${JSON.stringify(segment.slice(0, 80))}` };
}

function readLiteral(segment: string, last: boolean): string | TemplateProblem {
  if (segment === "" && !last) return { problem: "an empty segment (//) never matches", fix: "remove one slash" };
  if (segment === "*")
    return { problem: "* is no wildcard here", fix: "write {*rest} for the rest, {name} for one segment" };
  if (/[?#]/.test(segment)) return { problem: "query and fragment are no part of a template" };
  const spelled = spellSegment(segment);
  return spelled ?? unreachable(segment);
}
