import type { CommandEntry, Offer } from "./tree.ts";

/** What zsh completes a command line by: for `source`, or as the file `_sallyport` on its `fpath`. */
export function zshCompletion(program: string, entries: readonly CommandEntry[]): string {
  const paths = entries.filter(({ path }) => path.length > 0).map(({ path }) => `/${path.join("/")}`);
  return `#compdef ${program}
# zsh completion of ${program}: source <(${program} completion zsh)
_${program}() {
  local at="" word
  local -a offered
  for word in \${words[2,CURRENT-1]}; do
    case "$at/$word" in
      ${paths.join("|")}) at="$at/$word" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${entries.flatMap(values).join("\n")}
  esac
  case "$at" in
${entries.map(offers).join("\n")}
  esac
  _describe ${program} offered
}
if [ "$funcstack[1]" = "_${program}" ]; then _${program} "$@"; else compdef _${program} ${program}; fi
`;
}

function values({ path, options }: CommandEntry): readonly string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === null) return [];
    return [`    ${flags.map((flag) => quoted(`${at(path)} ${flag}`)).join("|")}) ${reply(value)}; return ;;`];
  });
}

function reply(value: Offer): string {
  if (value.kind === "files") return "_files";
  return value.kind === "words" ? `compadd -- ${value.words.join(" ")}` : ":";
}

function offers({ path, commands, options, arguments: positional }: CommandEntry): string {
  const named = [
    ...commands.map(({ name, description }) => [name, description] as const),
    ...positional.flatMap((offer) => (offer.kind === "words" ? offer.words.map((word) => [word, ""] as const) : [])),
    ...options.flatMap(({ flags, description }) => flags.map((flag) => [flag, description] as const)),
  ];
  const files = positional.some(({ kind }) => kind === "files") ? "_files; " : "";
  const list = named.map(([name, description]) => quoted(`${name.replaceAll(":", "\\:")}:${description}`)).join(" ");
  return `    ${quoted(at(path))}) ${files}offered=(${list}) ;;`;
}

function at(path: readonly string[]): string {
  return path.map((name) => `/${name}`).join("");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
