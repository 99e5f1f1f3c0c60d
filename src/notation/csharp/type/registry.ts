import type { TypeSyntax } from "#notation/csharp/syntax/ast.ts";
import { CsharpProblem } from "#notation/csharp/syntax/problem.ts";
import {
  arrayOf,
  type CsType,
  dynamicType,
  named,
  type NamedType,
  nullable,
  parameterType,
  tupleOf,
  voidType,
} from "./cs-type.ts";
import { defineType } from "./define-type.ts";
import type { TypeDef, TypeTable } from "./type-def.ts";

/** All types by name; the table's one way in. */
export class TypeRegistry {
  readonly #byId = new Map<string, TypeDef>();
  readonly #namespaces = new Set<string>();
  readonly #extensions: TypeDef[] = [];

  constructor(tables: readonly TypeTable[]) {
    for (const table of tables) this.#add(table);
  }

  #add(table: TypeTable): void {
    const def = defineType(table, this);
    if (this.#byId.has(def.id)) throw new Error(`type ${def.id} is there twice`);
    this.#byId.set(def.id, def);
    if (table.alias !== undefined) this.#byId.set(table.alias, def);
    if (table.kind === "static") this.#extensions.push(def);
    for (let { namespace } = table; namespace !== ""; namespace = namespace.replace(/\.?[^.]*$/, "")) {
      this.#namespaces.add(namespace);
    }
  }

  get all(): readonly TypeDef[] {
    return [...new Set(this.#byId.values())];
  }

  /** Static classes, among them those with extension methods. */
  get statics(): readonly TypeDef[] {
    return this.#extensions;
  }

  isNamespace(name: string): boolean {
    return this.#namespaces.has(name);
  }

  find(name: string, arity = 0): TypeDef | undefined {
    return this.#byId.get(arity === 0 ? name : `${name}\`${arity}`);
  }

  /** @throws Error for a name that the table itself lacks */
  get(id: string): TypeDef {
    const def = this.#byId.get(id);
    if (def === undefined) throw new Error(`the type table has no '${id}'`);
    return def;
  }

  named(id: string, args: readonly CsType[] = []): NamedType {
    return named(this.get(id), args);
  }

  /** The type that a path of names means, with or without its namespace. */
  fromPath(path: readonly string[], args: readonly CsType[]): NamedType | undefined {
    const name = path.at(-1) ?? "";
    const def = this.find(name, args.length);
    if (def === undefined) return undefined;
    if (path.length > 1 && path.slice(0, -1).join(".") !== def.namespace) return undefined;
    return named(def, args);
  }

  /**
   * @param scope type parameters that may be named
   * @throws CsharpProblem at a type that is not in the table
   */
  resolve(syntax: TypeSyntax, scope: ReadonlySet<string> = none): CsType {
    switch (syntax.kind) {
      case "array":
        return arrayOf(this.resolve(syntax.element, scope), syntax.rank);
      case "nullable":
        return nullable(this.resolve(syntax.element, scope));
      case "tuple": {
        const elements = syntax.elements.map((element) => this.resolve(element.type, scope));
        return tupleOf(
          elements,
          syntax.elements.map((element) => element.name),
        );
      }
      case "named":
        return this.#resolveNamed(syntax, scope);
    }
  }

  #resolveNamed(syntax: Extract<TypeSyntax, { kind: "named" }>, scope: ReadonlySet<string>): CsType {
    const names = syntax.path.map((part) => part.name);
    const name = names.join(".");
    if (name === "void") return voidType;
    if (name === "dynamic") return dynamicType;
    if (scope.has(name)) return parameterType(name);
    const args = syntax.path.flatMap((part) => part.args).map((arg) => this.resolve(arg, scope));
    if ((name === "Nullable" || name === "System.Nullable") && args.length === 1) return nullable(args[0] as CsType);
    const found = this.fromPath(names, args);
    if (found !== undefined) return found;
    const shown = args.length === 0 ? name : `${name}<${",".repeat(args.length - 1)}>`;
    throw new CsharpProblem(`the type '${shown}' is not available in policy expressions`, syntax.start);
  }
}

const none: ReadonlySet<string> = new Set();
