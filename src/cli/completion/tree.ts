import type { Argument, Command, Option } from "commander";

/** What a shell offers behind an option, or in place of an argument. */
export type Offer =
  | { readonly kind: "nothing" }
  | { readonly kind: "files" }
  | { readonly kind: "words"; readonly words: readonly string[] };

export interface OptionEntry {
  /** `-d`, `--data`: each way to write it. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Null: it takes no value. */
  readonly value: Offer | null;
}

export interface CommandEntry {
  /** Below the program's own name: none for itself, `audit`, `verify`. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionEntry[];
  readonly arguments: readonly Offer[];
}

/** Names of values that are paths: `<file>`, `<policy.xml>`, `<folder>`. */
const ofFiles = /file|folder|path|director|\.\w+>/i;

/** The program and each command below it, as shells complete them. */
export function commandEntries(command: Command, path: readonly string[] = []): readonly CommandEntry[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command);
  const entry: CommandEntry = {
    path,
    commands: children.map((child) => ({ name: child.name(), description: firstWords(child.description()) })),
    options: help.visibleOptions(command).map(optionEntry),
    arguments: command.registeredArguments.map((argument) => offerOf(argument, `<${argument.name()}>`)),
  };
  const below = children.filter((child) => child.name() !== "help");
  return [entry, ...below.flatMap((child) => commandEntries(child, [...path, child.name()]))];
}

function optionEntry(option: Option): OptionEntry {
  const flags = [option.short, option.long].flatMap((flag) => (flag ? [flag] : []));
  const takesOne = option.required || option.optional;
  return {
    flags,
    description: firstWords(option.description),
    value: takesOne ? offerOf(option, option.flags) : null,
  };
}

function offerOf({ argChoices }: Option | Argument, text: string): Offer {
  if (argChoices !== undefined) return { kind: "words", words: argChoices };
  return ofFiles.test(text) ? { kind: "files" } : { kind: "nothing" };
}

/** Shells show one short line. */
function firstWords(text: string): string {
  const [first = ""] = text.split(/[;:\n]|\. /);
  return first.length > 70 ? `${first.slice(0, 69).trimEnd()}…` : first;
}
