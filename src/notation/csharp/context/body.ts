import { type CsType, show } from "#notation/csharp/type/cs-type.ts";
import { readJson } from "#notation/csharp/json/read.ts";
import { JArray, JObject } from "#notation/csharp/json/token.ts";
import { encodingNamed, Encoding } from "#notation/csharp/value/encoding.ts";
import { invalidCast, NetException } from "#notation/csharp/value/net-exception.ts";
import { charge } from "#notation/csharp/value/run.ts";
import type { XDocument, XElement } from "#notation/csharp/xml/node.ts";
import { parseXml } from "#notation/csharp/xml/parse.ts";
import type { BodyView } from "./views.ts";

const readable: ReadonlySet<string> = new Set(
  "String Object JToken JObject JArray XElement XDocument XNode XContainer".split(" "),
);

/** What `As<T>` makes of a body; everything else is told when an expression is compiled. */
export function isReadable(type: CsType): boolean {
  if (type.kind === "array") return type.element.key === "Byte";
  return type.kind === "named" && readable.has(type.def.id);
}

/** `Body.As<T>(preserveContent)`. Without preserving, the body is consumed. */
export function bodyAs(type: CsType, { body }: BodyView, isPreserved: boolean): unknown {
  const bytes = body.bytes();
  if (!isPreserved) body.consume();
  if (type.kind === "array" && type.element.key === "Byte") {
    charge(bytes.length);
    return Uint8Array.from(bytes);
  }
  const id = type.kind === "named" ? type.def.id : "";
  const content = text(bytes, body.charset);
  switch (id) {
    case "String":
    case "Object":
      return content;
    case "JToken":
      return readJson(content);
    case "JObject":
      return checked(readJson(content), JObject, type);
    case "JArray":
      return checked(readJson(content), JArray, type);
    case "XElement":
      return detachedRoot(parseXml(content));
    case "XDocument":
    case "XNode":
    case "XContainer":
      return parseXml(content);
    default:
      throw new NetException("NotSupportedException", `A body cannot be read as '${show(type)}'.`);
  }
}

function detachedRoot(document: XDocument): XElement | null {
  const { root } = document;
  root?.remove();
  return root;
}

function checked<T extends JObject | JArray>(token: unknown, kind: new () => T, type: CsType): T {
  if (token instanceof kind) return token;
  throw invalidCast("Newtonsoft.Json.Linq.JToken", show(type));
}

/** A byte order mark says more than the header does; neither of them: UTF-8. */
export function text(bytes: Uint8Array, charset: string | null): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return new Encoding("utf-8").decode(bytes.subarray(3));
  return encodingOf(charset).decode(bytes);
}

function encodingOf(charset: string | null): Encoding {
  if (charset === null) return new Encoding("utf-8");
  try {
    return encodingNamed(charset);
  } catch {
    return new Encoding("utf-8");
  }
}
