import type { ASTNode } from "@marcbachmann/cel-js";
import { comprehension } from "./comprehension.ts";
import { dynamicAs } from "./compare.ts";
import { hasJsonMember } from "./json.ts";
import { lookUp, memberOf } from "./member.ts";
import { quote } from "./quote.ts";
import { netPattern } from "./regex.ts";
import { type Scope, termOf } from "./scope.ts";
import { stringCall } from "./strings.ts";
import { type Term, term } from "./term.ts";
import { durationOf, timeCall, timestampOf } from "./time.ts";
import { textOf } from "./text.ts";
import { Untranslatable } from "./untranslatable.ts";

type Call = Extract<ASTNode, { readonly op: "call" | "rcall" }>;

export function callOf(node: Call, scope: Scope): Term {
  if (node.op === "call") return functionCall(node.args[0], node.args[1], scope, node.start);
  const [name, receiver, args] = node.args;
  return methodCall(name, receiver, args, scope, node.start);
}

function functionCall(name: string, args: readonly ASTNode[], scope: Scope, offset: number): Term {
  const [only] = args;
  if (only === undefined || args.length !== 1) throw new Untranslatable(`${name}() has no counterpart`, offset);
  switch (name) {
    case "has":
      return presence(only, scope, offset);
    case "size":
      return sizeOf(only, scope, offset);
    case "string":
      return converted(termOf(only, scope), offset);
    case "int":
      return wholeNumber(termOf(only, scope), offset);
    case "double":
      return doubleOf(termOf(only, scope), offset);
    case "bool":
    case "dyn":
      return same(name, termOf(only, scope), offset);
    case "duration":
      return durationOf(only, offset);
    case "timestamp":
      return timestampOf(only, offset);
    default:
      throw new Untranslatable(`${name}() has no counterpart`, offset);
  }
}

function methodCall(name: string, receiver: ASTNode, args: readonly ASTNode[], scope: Scope, offset: number): Term {
  if (name === "orValue" || name === "hasValue") return optional(name, receiver, args, scope, offset);
  if (name === "size" && args.length === 0) return sizeOf(receiver, scope, offset);
  const looped = comprehension(name, receiver, args, scope, offset);
  if (looped !== undefined) return looped;
  const owner = termOf(receiver, scope);
  const given = args.map((arg) => termOf(arg, scope));
  const found = timeCall(name, owner, given, args, offset);
  if (found !== undefined) return found;
  if (name === "matches") return matched(dynamicAs(owner, "string", offset), args[0], offset);
  return stringCall(name, owner, given, offset);
}

/** A pattern that backtracks must not hold up a request: there its time is bounded, and past it the expression fails. */
function matched({ type, code, defined }: Term, pattern: ASTNode | undefined, offset: number): Term {
  if (pattern?.op !== "value" || typeof pattern.args !== "string" || type !== "string") {
    throw new Untranslatable("matches() of something else than a text and a pattern", offset);
  }
  const written = quote(netPattern(pattern.args, pattern.start));
  const call = `Regex.IsMatch(${code}, ${written}, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))`;
  return term("bool", call, defined);
}

/** `has(a.b)`: of an entry that may be missing. */
function presence(node: ASTNode, scope: Scope, offset: number): Term {
  if (node.op !== ".") throw new Untranslatable("has() of something else than a field", offset);
  const owner = scope.translate(node.args[0], scope);
  if (owner.kind === "lookup") return term("bool", owner.has(quote(node.args[1])), owner.defined);
  if (owner.kind === "term" && owner.type === "json") return hasJsonMember(owner, node.args[1]);
  throw new Untranslatable("has() of something that is no map there", offset);
}

/** `a.?b.orValue(c)`. */
function optional(name: string, receiver: ASTNode, args: readonly ASTNode[], scope: Scope, offset: number): Term {
  if (receiver.op !== ".?" && receiver.op !== "[?]")
    throw new Untranslatable(`${name}() of something else than .? or [?]`, offset);
  const owner = scope.translate(receiver.args[0], scope);
  const found = owner.kind === "lookup" ? lookUp(owner, keyOf(receiver, scope), offset) : memberOf(receiver, scope);
  if (found.kind !== "term" || owner.kind !== "lookup" || typeof found.defined !== "string" || owner.defined !== null) {
    throw new Untranslatable(`${name}() of something that is no map there`, offset);
  }
  if (name === "hasValue") return term("bool", `(${found.defined})`);
  const [node] = args;
  if (node === undefined) throw new Untranslatable("orValue() without a value", offset);
  const other = termOf(node, scope);
  if (other.type === found.type)
    return term(found.type, `(${found.defined} ? ${found.code} : ${other.code})`, other.defined);
  if (found.type !== "dyn") throw new Untranslatable("orValue() of another type", offset);
  return term("dyn", `(${found.defined} ? ${found.code} : (object)${other.code})`, other.defined);
}

function keyOf(node: Extract<ASTNode, { readonly op: ".?" | "[?]" }>, scope: Scope): Term {
  return node.op === ".?" ? term("string", quote(node.args[1])) : termOf(node.args[1], scope);
}

const sizes = { low: 0n, high: 2n ** 31n - 1n };

/** CEL counts characters, .NET halves of those above U+FFFF. */
function sizeOf(node: ASTNode, scope: Scope, offset: number): Term {
  const owner = scope.translate(node, scope);
  if (owner.kind === "lookup" && owner.keys !== undefined) {
    return term("int", `((long)(${owner.keys}).Length)`, owner.defined, { range: sizes });
  }
  if (owner.kind !== "term") throw new Untranslatable(`size() of ${owner.name} has no counterpart`, offset);
  const { code, defined } = owner;
  if (owner.type.endsWith("s")) return term("int", `((long)(${code}).Length)`, defined, { range: sizes });
  if (owner.type === "json") throw new Untranslatable("size() of JSON, which may be a text or a list", offset);
  const text = dynamicAs(owner, "string", offset);
  if (text.type !== "string") throw new Untranslatable(`size() of ${owner.type} has no counterpart`, offset);
  const halves = `${text.code}.Count(half => char.IsHighSurrogate(half))`;
  return term("int", `((long)(${text.code}.Length - ${halves}))`, text.defined, { range: sizes });
}

function converted(value: Term, offset: number): Term {
  if (value.type === "string" || value.type === "int" || value.type === "bool") return textOf(value, offset);
  throw new Untranslatable(`string() of ${value.type === "dyn" ? "a value of any type" : value.type}`, offset);
}

function wholeNumber(value: Term, offset: number): Term {
  if (value.type === "int") return value;
  if (value.type !== "string")
    throw new Untranslatable(`int() of ${value.type === "dyn" ? "a value of any type" : value.type}`, offset);
  const { code } = value;
  const parsed = `long.Parse(${code}, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)`;
  return term("int", `(${code} == "" ? 0L : ${parsed})`, false);
}

function doubleOf(value: Term, offset: number): Term {
  if (value.type === "double") return value;
  if (value.type !== "int") throw new Untranslatable(`double() of ${value.type}`, offset);
  return term("double", `((double)${value.code})`, value.defined);
}

function same(name: string, value: Term, offset: number): Term {
  if (name === "bool" && value.type === "bool") return value;
  if (name === "dyn" && value.type === "dyn") return value;
  throw new Untranslatable(`${name}() of ${value.type} has no counterpart`, offset);
}
