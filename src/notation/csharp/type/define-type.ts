import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import type { CsType, NamedType } from "./cs-type.ts";
import { parameterType, voidType } from "./cs-type.ts";
import { type ParameterSyntax, readSignature, readTypeSyntax } from "./signature.ts";
import type { TypeSyntax } from "#notation/csharp/syntax/ast.ts";
import type { Implementation, MemberDef, ParameterDef, TypeDef, TypeKind, TypeTable } from "./type-def.ts";

interface Resolver {
  get(id: string): TypeDef;
  resolve(syntax: TypeSyntax, scope: ReadonlySet<string>): CsType;
}

type Signatures = Readonly<Record<string, Implementation>>;

/** Makes a type of its table. Signatures are read when the first expression asks for a member of that name. */
export function defineType(table: TypeTable, registry: Resolver): TypeDef {
  return new TableType(table, registry);
}

class TableType implements TypeDef {
  readonly id: string;
  readonly name: string;
  readonly display: string;
  readonly namespace: string;
  readonly kind: TypeKind;
  readonly parameters: readonly string[];
  readonly self: NamedType;
  readonly table: TypeTable;
  readonly #registry: Resolver;
  readonly #scope: ReadonlySet<string>;
  readonly #read = new Map<string, readonly MemberDef[]>();
  #base: NamedType | null | undefined;
  #interfaces: readonly NamedType[] | undefined;
  #invoke: TypeDef["invoke"] | undefined;

  constructor(table: TypeTable, registry: Resolver) {
    this.table = table;
    this.#registry = registry;
    this.name = table.name.replace(/<.*/, "");
    this.parameters = /<(.*)>/.exec(table.name)?.[1]?.split(/,\s*/) ?? [];
    this.id = this.parameters.length === 0 ? this.name : `${this.name}\`${this.parameters.length}`;
    this.display = table.alias ?? this.name;
    this.namespace = table.namespace;
    this.kind = table.kind;
    this.#scope = new Set(this.parameters);
    const args = this.parameters.map(parameterType);
    const key = args.length === 0 ? this.id : `${this.id}<${args.map((arg) => arg.key).join(",")}>`;
    this.self = { kind: "named", def: this, args, key };
  }

  get base(): NamedType | null {
    if (this.#base === undefined) this.#base = this.#baseType();
    return this.#base;
  }

  #baseType(): NamedType | null {
    if (this.table.base !== undefined) return this.#type(this.table.base);
    const { kind } = this;
    if (kind === "interface" || kind === "static" || this.id === "Object") return null;
    if (kind === "enum") return this.#type("Enum");
    return this.#type(kind === "delegate" ? "Delegate" : "Object");
  }

  get interfaces(): readonly NamedType[] {
    this.#interfaces ??= (this.table.implements ?? []).map((name) => this.#type(name));
    return this.#interfaces;
  }

  #type(text: string): NamedType {
    return this.#registry.resolve(readTypeSyntax(text), this.#scope) as NamedType;
  }

  members(name: string): readonly MemberDef[] {
    return this.#section("members", this.table.members, name);
  }

  statics(name: string): readonly MemberDef[] {
    const value = this.table.values?.[name];
    if (value !== undefined) return [enumMember(this, name)];
    return this.#section("statics", this.table.statics, name);
  }

  setters(name: string): readonly MemberDef[] {
    return this.#section("setters", this.table.setters, name);
  }

  operators(name: string): readonly MemberDef[] {
    return this.#section("operators", this.table.operators, name);
  }

  get constructors(): readonly MemberDef[] {
    return this.#section("construct", this.table.construct, "");
  }

  get memberNames(): readonly string[] {
    const { values = {}, statics = {}, members = {} } = this.table;
    return [...Object.keys(values), ...Object.keys(statics).map(nameOf), ...Object.keys(members).map(nameOf)];
  }

  lookup(id: string): TypeDef {
    return this.#registry.get(id);
  }

  get invoke(): TypeDef["invoke"] {
    if (this.#invoke === undefined) this.#invoke = this.#readInvoke();
    return this.#invoke;
  }

  #readInvoke(): TypeDef["invoke"] {
    if (this.table.invoke === undefined) return null;
    const { parameters, returns } = readSignature(this.table.invoke);
    const resolve = (syntax: TypeSyntax): CsType => this.#registry.resolve(syntax, this.#scope);
    return {
      parameters: (parameters ?? []).map(({ type }) => resolve(type)),
      returns: returns === null ? voidType : resolve(returns),
    };
  }

  #section(section: string, signatures: Signatures | undefined, name: string): readonly MemberDef[] {
    if (signatures === undefined) return [];
    const key = `${section} ${name}`;
    let found = this.#read.get(key);
    if (found === undefined) {
      found = Object.keys(signatures)
        .filter((signature) => nameOf(signature) === name)
        .map((signature) => this.#member(signature, signatures[signature] as Implementation, section));
      this.#read.set(key, found);
    }
    return found;
  }

  #member(signature: string, run: Implementation, section: string): MemberDef {
    const { name, typeParameters, passed, parameters, returns } = readSignature(signature);
    const scope = new Set([...this.#scope, ...typeParameters]);
    const isStatic = section === "statics" || section === "operators";
    return {
      name,
      owner: this,
      isStatic,
      isMethod: parameters !== null && name !== "this[]",
      isExtension: parameters?.[0]?.isThis ?? false,
      typeParameters,
      passed,
      parameters: (parameters ?? []).map((parameter) => this.#parameter(parameter, scope)),
      returns: returns === null ? this.self : this.#registry.resolve(returns, scope),
      run,
      signature,
    };
  }

  #parameter(syntax: ParameterSyntax, scope: ReadonlySet<string>): ParameterDef {
    const type = this.#registry.resolve(syntax.type, scope);
    return {
      name: syntax.name,
      type,
      isOut: syntax.isOut,
      isParams: syntax.isParams,
      isOptional: syntax.initial !== undefined,
      initial: syntax.initial === undefined ? undefined : initialValue(syntax.initial, type),
    };
  }
}

/** The name of a signature; constructors have none. */
export function nameOf(signature: string): string {
  if (signature.startsWith("this[")) return "this[]";
  return /^\w+/.exec(signature)?.[0] ?? signature.slice(0, signature.indexOf("("));
}

function initialValue(text: string, type: CsType): unknown {
  if (text === "true" || text === "false") return text === "true";
  if (text === "null" || text === "default") return null;
  if (/^\d+$/.test(text) && !(type.kind === "named" && type.def.id === "String")) return Number(text);
  return text;
}

function enumMember(owner: TypeDef, name: string): MemberDef {
  return {
    name,
    owner,
    isStatic: true,
    isMethod: false,
    isExtension: false,
    typeParameters: [],
    passed: [],
    parameters: [],
    returns: owner.self,
    run: () => new EnumValue(owner, owner.table.values?.[name] ?? 0),
    signature: name,
  };
}
