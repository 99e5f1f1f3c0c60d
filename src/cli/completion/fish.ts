import type { CommandEntry, Offer, OptionEntry } from "./tree.ts";

/** What fish completes a command line by: a line an option or command, under the condition that its command is typed. */
export function fishCompletion(program: string, entries: readonly CommandEntry[]): string {
  const paths = entries.filter(({ path }) => path.length > 0).map(({ path }) => quoted(`/${path.join("/")}`));
  return `# fish completion of ${program}: ${program} completion fish | source
function __${program}_path
    set -l path ""
    for word in (commandline -opc)[2..-1]
        contains -- "$path/$word" ${paths.join(" ")}; and set path "$path/$word"
    end
    test "$path" = "$argv[1]"
end
complete -c ${program} -f
${entries.flatMap((entry) => lines(program, entry)).join("\n")}
`;
}

function lines(program: string, { path, commands, options, arguments: positional }: CommandEntry): readonly string[] {
  const place = path.map((name) => `/${name}`).join("");
  const start = `complete -c ${program} -n ${quoted(`__${program}_path "${place}"`)}`;
  return [
    ...commands.map(({ name, description }) => `${start} -a ${quoted(name)} -d ${quoted(description)}`),
    ...positional.flatMap((offer) => argument(start, offer)),
    ...options.map((option) => `${start}${optionFlags(option)} -d ${quoted(option.description)}`),
  ];
}

function argument(start: string, offer: Offer): readonly string[] {
  if (offer.kind === "files") return [`${start} -F`];
  return offer.kind === "words" ? [`${start} -a ${quoted(offer.words.join(" "))}`] : [];
}

function optionFlags({ flags, value }: OptionEntry): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`)).join("");
  if (value === null) return names;
  if (value.kind === "words") return `${names} -x -a ${quoted(value.words.join(" "))}`;
  return value.kind === "files" ? `${names} -r -F` : `${names} -x`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
