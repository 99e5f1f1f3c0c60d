import { Document, LineCounter, parseDocument, type YAMLError } from "yaml";
import type { SourcePosition } from "#model/diagnostic.ts";
import type { Problems } from "#notation/problems.ts";
import type { Joined, YamlPieces } from "./pieces.ts";
import { YamlFile } from "./yaml-file.ts";

/** One slip often makes the parser stumble over all that follows. */
const maxSyntaxProblems = 10;

/**
 * Parses YAML 1.2 (so JSON too), only what has changed where `pieces` has the rest. Reports what is wrong with the syntax; duplicate keys and unknown tags are
 * reported and the rest is still read.
 * @returns null when the structure is not to be trusted
 */
export function parseYaml(name: string, text: string, problems: Problems, pieces?: YamlPieces): YamlFile | null {
  const joined = pieces?.parse(text);
  if (joined !== undefined) return new YamlFile(name, text, documentOf(joined), joined.lines);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error", version: "1.2" });
  const file = new YamlFile(name, text, document, lines);
  for (const error of document.errors.filter(isDuplicate)) reportDuplicate(file, error, problems);
  for (const warning of document.warnings) reportSyntax(file, warning, problems);
  const broken = document.errors.filter((error) => !isDuplicate(error));
  const exhausted = broken.find(({ code }) => code === "RESOURCE_EXHAUSTION");
  if (exhausted !== undefined) {
    problems.error("yaml-syntax", file.at(exhausted.pos[0]), "the nesting is too deep to be read", "nest less deeply");
    return null;
  }
  for (const error of firstOfLines(file, broken).slice(0, maxSyntaxProblems)) reportSyntax(file, error, problems);
  return broken.length === 0 ? file : null;
}

function documentOf({ contents }: Joined): Document {
  const document = new Document();
  document.contents = contents;
  return document;
}

/** What follows on the same line is what the parser made of the first. */
function firstOfLines(file: YamlFile, errors: readonly YAMLError[]): readonly YAMLError[] {
  const lines = errors.map(({ pos }) => file.at(pos[0]).line);
  return errors.filter((_, index) => lines.indexOf(lines[index] ?? 0) === index);
}

function isDuplicate({ code }: YAMLError): boolean {
  return code === "DUPLICATE_KEY";
}

function reportDuplicate(file: YamlFile, { pos }: YAMLError, problems: Problems): void {
  const key = /^["']?([\w.{}/*-]{1,80})/.exec(file.text.slice(pos[0], pos[0] + 90))?.[1] ?? "a key";
  problems.error("yaml-duplicate-key", file.at(pos[0]), `${key} is written twice in one map`, "keep one of them");
}

function reportSyntax(file: YamlFile, error: YAMLError, problems: Problems): void {
  const at: SourcePosition = file.at(error.pos[0]);
  if (error.code === "MULTIPLE_DOCS") {
    problems.error("yaml-syntax", at, "a second document starts here", "keep one document in a file");
    return;
  }
  problems.error("yaml-syntax", at, `not YAML: ${error.message.slice(0, 200)}`);
}
