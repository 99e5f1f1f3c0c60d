import type { Api, Definition } from "#model/definition.ts";
import { identityFieldNames } from "#model/identity-fields.ts";
import type { Argument, PolicyDocument, PolicyNode } from "#model/policy-tree.ts";

/** Policies whose argument `name` is a field that they write, or take away. */
const writers: ReadonlySet<string> = new Set(["set-header"]);

/**
 * The fields that an answer to Caddy may hold for the application: who calls, the key that goes no further, and what
 * policies write in any scope that the API's requests can meet.
 */
export function copiedFields(definition: Definition, api: Api): readonly string[] {
  const names = new Map(identityFieldNames.map((name) => [name.toLowerCase(), name]));
  const add = (name: string): void => {
    if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  };
  if (!api.subscriptionKey.forward) add(api.subscriptionKey.header);
  const products = definition.products.filter(({ apis }) => apis.includes(api.name));
  const documents = [definition.policies, api.policies, ...products.map(({ policies }) => policies)];
  for (const document of [...documents, ...api.operations.map(({ policies }) => policies)]) {
    for (const name of written(document)) add(name);
  }
  return [...names.values()];
}

function* written(document: PolicyDocument): Generator<string> {
  for (const node of document.inbound ?? []) yield* writtenBy(node);
}

function* writtenBy({ name, args }: PolicyNode): Generator<string> {
  const field = args["name"];
  if (writers.has(name) && field?.kind === "literal") yield String(field.value);
  const list = args["copyHeaders"];
  if (list?.kind === "list") yield* copies(list.items);
  for (const argument of Object.values(args)) yield* below(argument);
}

/** `X-From>X-To`, as `forward-auth` writes it. */
function* copies(items: readonly Argument[]): Generator<string> {
  for (const item of items) {
    if (item.kind === "literal") yield String(item.value).split(">").at(-1)!.trim();
  }
}

function* below(argument: Argument): Generator<string> {
  if (argument.kind === "policies") for (const node of argument.policies) yield* writtenBy(node);
  else if (argument.kind === "list") for (const item of argument.items) yield* below(item);
  else if (argument.kind === "map") for (const entry of Object.values(argument.entries)) yield* below(entry);
}
