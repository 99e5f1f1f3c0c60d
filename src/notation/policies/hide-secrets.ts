import type { Argument } from "#model/policy-tree.ts";

/** A message of a policy's own check may quote an argument; a secret that filled it must not be shown. */
export function hideSecrets(message: string, args: readonly Argument[]): string {
  return args.flatMap(secretsOf).reduce((text, secret) => text.replaceAll(secret, "[secret]"), message);
}

function secretsOf(argument: Argument): readonly string[] {
  switch (argument.kind) {
    case "literal":
      return argument.secret === true && argument.value !== "" ? [String(argument.value)] : [];
    case "list":
      return argument.items.flatMap(secretsOf);
    case "map":
      return Object.values(argument.entries).flatMap(secretsOf);
    default:
      return [];
  }
}
