import type { CommandEntry, Offer } from "./tree.ts";

/** What bash calls to complete a command line: no helper of any distribution is needed. */
export function bashCompletion(program: string, entries: readonly CommandEntry[]): string {
  const paths = entries.filter(({ path }) => path.length > 0).map(({ path }) => `"/${path.join("/")}"`);
  return `# bash completion of ${program}: source <(${program} completion bash)
_${program}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path="" words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path/\${COMP_WORDS[i]}" in
      ${paths.join(" | ")}) path="$path/\${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$path $prev" in
${entries.flatMap(values).join("\n")}
  esac
  case "$path" in
${entries.map(words).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _${program} ${program}
`;
}

function values({ path, options }: CommandEntry): readonly string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === null) return [];
    const places = flags.map((flag) => `"${at(path)} ${flag}"`).join(" | ");
    return [`    ${places}) ${reply(value)}return ;;`];
  });
}

/** Nothing in the reply: \`-o default\` offers files. */
function reply(value: Offer): string {
  return value.kind === "words" ? `COMPREPLY=($(compgen -W "${value.words.join(" ")}" -- "$cur")); ` : "";
}

function words({ path, commands, options, arguments: positional }: CommandEntry): string {
  const offered = positional.flatMap((offer) => (offer.kind === "words" ? offer.words : []));
  const all = [...commands.map(({ name }) => name), ...offered, ...options.flatMap(({ flags }) => flags)];
  return `    "${at(path)}") words="${all.join(" ")}" ;;`;
}

function at(path: readonly string[]): string {
  return path.map((name) => `/${name}`).join("");
}
