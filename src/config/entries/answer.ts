import { deleteEntry, type EntryProblem, entryNames, readEntry, setEntry } from "#notation/yaml/edit-entry.ts";
import { makeCurrent } from "./make-current.ts";

/** What is asked about the text of a definition, or what is to become of it. */
export type EntryQuestion =
  | { readonly ask: "names" | "read" | "delete"; readonly path: readonly string[] }
  | { readonly ask: "set"; readonly path: readonly string[]; readonly value: string }
  | { readonly ask: "make-current"; readonly api: string };

export type EntryAnswer =
  | EntryProblem
  | { readonly kind: "names"; readonly names: readonly string[] }
  /** Of the entry, or of the definition as it is to be. */
  | { readonly kind: "text"; readonly text: string };

/** Pure. A large definition takes its time: not for a thread that serves. */
export function answerEntry(text: string, question: EntryQuestion): EntryAnswer {
  if (question.ask === "names") return { kind: "names", names: entryNames(text, question.path) };
  const found = textFor(text, question);
  return typeof found === "string" ? { kind: "text", text: found } : found;
}

function textFor(text: string, question: Exclude<EntryQuestion, { ask: "names" }>): string | EntryProblem {
  switch (question.ask) {
    case "read":
      return readEntry(text, question.path);
    case "set":
      return setEntry(text, question.path, question.value);
    case "delete":
      return deleteEntry(text, question.path);
    case "make-current":
      return makeCurrent(text, question.api);
    default:
      return { kind: "unknown", problem: "there is no such question" };
  }
}
