import { spellSegment } from "./path-segment.ts";

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

/** Checks `/`, `/{id}`, `/files/{*rest}` and spells its literal parts the way requests are spelled. */
export function parseTemplate(text: string): PathTemplate | TemplateProblem {
  if (!text.startsWith("/")) return { problem: `${text} does not start with /`, fix: `write /${text}` };
  if (text.length > maxLength) return { problem: `a template is at most ${maxLength} characters long` };
  if (text === "/") return { template: "/", shape: "/" };
  const segments = text.slice(1).split("/");
  const names = new Set<string>();
  const spelled: string[] = [];
  const shape: string[] = [];
  for (const segment of segments) {
    const read = readSegment(segment, spelled.length === segments.length - 1, names);
    if (typeof read !== "string") return { ...read, problem: `${text}: ${read.problem}` };
    spelled.push(read);
    shape.push(read.startsWith("{") ? read.replace(parameter, "{$1}") : read);
  }
  return { template: `/${spelled.join("/")}`, shape: `/${shape.join("/")}` };
}

function readSegment(segment: string, last: boolean, names: Set<string>): string | TemplateProblem {
  const [, rest, name] = (segment.startsWith("{") && parameter.exec(segment)) || [];
  if (name === undefined) return readLiteral(segment, last);
  if (names.has(name)) return { problem: `the parameter ${name} stands twice` };
  names.add(name);
  return rest === "*" && !last ? { problem: `{*${name}} takes the rest of the path, so it stands last` } : segment;
}

function readLiteral(segment: string, last: boolean): string | TemplateProblem {
  if (segment === "" && !last) return { problem: "an empty segment (//) never matches", fix: "remove one slash" };
  if (segment === "*")
    return { problem: "* is no wildcard here", fix: "write {*rest} for the rest, {name} for one segment" };
  if (/[{}]/.test(segment))
    return { problem: `${segment} is not supported: a parameter is a whole segment`, fix: "write {name}" };
  if (/[?#]/.test(segment)) return { problem: "query and fragment are no part of a template" };
  const spelled = spellSegment(segment);
  return spelled ?? { problem: `no request's path can hold the segment ${JSON.stringify(segment.slice(0, 80))}` };
}
