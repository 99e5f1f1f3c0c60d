import { typeRegistry } from "#notation/csharp/net/all-types.ts";
import type { TypeDef } from "#notation/csharp/type/type-def.ts";

/** docs/reference/csharp.md: every type that C# expressions may name, with the signatures of its members. */
export function csharpReference(): string {
  const types = typeRegistry.all.toSorted((a, b) => (heading(a) < heading(b) ? -1 : 1));
  const own = types.filter(({ namespace }) => namespace === "");
  const net = types.filter(({ namespace }) => namespace !== "");
  return [
    "# Types of C# expressions",
    "",
    "Generated from the table that expressions are compiled by (`npm run schema`): what is not in it is an error when a document is loaded. How expressions run stands in [C# expressions](../howto/csharp-expressions.md). Types are named with or without their namespace. Every value has `ToString()`, `Equals(object)`, `GetHashCode()` and `GetType()`. A result stands behind the colon; `this` in front of a parameter marks an extension method.",
    "",
    "## Of the context",
    "",
    "`context` is an `IProxyRequestContext`.",
    "",
    ...own.flatMap(section),
    "## Of .NET",
    "",
    ...net.flatMap(section),
  ].join("\n");
}

function heading({ namespace, table }: TypeDef): string {
  return namespace === "" ? table.name : `${namespace}.${table.name}`;
}

function section(def: TypeDef): readonly string[] {
  const { table } = def;
  const bases = [...(table.base === undefined ? [] : [table.base]), ...(table.implements ?? [])];
  const kind = table.kind === "static" ? "static class" : table.kind;
  const title = `### ${heading(def)}`;
  const note = `${kind}${table.alias === undefined ? "" : `, \`${table.alias}\``}${bases.length === 0 ? "" : `: ${bases.map((base) => `\`${base}\``).join(", ")}`}`;
  const lines = [
    ...(table.invoke === undefined ? [] : [`delegate ${table.invoke}`]),
    ...Object.keys(table.construct ?? {}).map((signature) => `new ${def.name}${signature}`),
    ...Object.keys(table.values ?? {}),
    ...Object.keys(table.statics ?? {}).map((signature) =>
      table.kind === "static" ? signature : `static ${signature}`,
    ),
    ...members(def),
    ...Object.keys(table.operators ?? {}).map((signature) => `operator ${signature}`),
  ];
  const plain = lines.map((line) => line.replaceAll(/<type (\w+)/g, "<$1").replaceAll(/, type (\w+)/g, ", $1"));
  return [title, "", note, "", ...(plain.length === 0 ? [] : ["```text", ...plain, "```", ""])];
}

/** A property that can be set says so. */
function members({ table }: TypeDef): readonly string[] {
  const setters = new Set(Object.keys(table.setters ?? {}));
  const shown = Object.keys(table.members ?? {}).map((signature) => {
    const isSettable = setters.delete(signature);
    return isSettable ? `${signature} { get; set; }` : signature;
  });
  return [...shown, ...[...setters].map((signature) => `${signature} { set; }`)];
}
