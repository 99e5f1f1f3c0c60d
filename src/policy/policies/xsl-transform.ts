import { Buffer } from "node:buffer";
import { inSlices } from "#lib/slices.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { PolicyNode, Value } from "#model/policy-tree.ts";
import { XPathProblem } from "#notation/xpath/problem.ts";
import { TransformFailure } from "#notation/xslt/failure.ts";
import { readStylesheet } from "#notation/xslt/read-stylesheet.ts";
import type { Written } from "#notation/xslt/serialize.ts";
import type { Output } from "#notation/xslt/stylesheet.ts";
import { transform, type TransformLimits } from "#notation/xslt/transform.ts";
import { argumentOf, listOf, literalText } from "#policy/arguments.ts";
import { decodeText } from "#policy/charset.ts";
import { mediaTypeOf } from "#policy/content-kind.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { expressionFailed } from "#policy/failure.ts";
import { messageOf } from "#policy/message.ts";
import { evaluateString, isValue } from "#policy/values.ts";

const mib = 1024 * 1024;

/** Bytes of nodes and texts that one transformation makes, beside what it makes of the body. */
const least = 32 * mib;
const most = 256 * mib;
/** Made, and looked at, on the way to a result, for each byte of the body. */
const bytesFactor = 96;
const stepsFactor = 32;

const stepsOfSmallBodies = 1_000_000;
/** A fifth of a second, about. */
const stepsAtOnce = 2_000_000;

export function link(node: PolicyNode, { section, ports }: LinkContext): Run {
  const { clock, bodies } = ports;
  // It was checked with the catalogue, so this does not throw.
  const stylesheet = readStylesheet(literalText(node, "stylesheet") ?? "");
  const parameters = parametersOf(node).map(([name, value]) => [name, evaluateString(value, clock)] as const);
  const message = messageOf(section);
  return (exchange) => {
    const body = message.body(exchange);
    if (body === undefined || body.byteLength === 0) return undefined;
    const text = decodeText(body, message.headers(exchange));
    const given = new Map(parameters.map(([name, value]) => [name, value(exchange)]));
    const work = transform(stylesheet, text, given, limitsFor(body.byteLength, bodies.maxBytes));
    return inSlices(work).then((written) => {
      const { output } = stylesheet;
      const made = encode(written.text, output.encoding);
      if (made.byteLength > bodies.maxBytes) throw expressionFailed(`a body may have ${bodies.maxBytes} bytes`);
      message.setBody(exchange, made);
      const headers = message.writableHeaders(exchange);
      headers.set("Content-Type", contentType(headers, written, output));
      return undefined;
    }, rethrow);
  };
}

function parametersOf(node: PolicyNode): readonly (readonly [string, Value])[] {
  return listOf(argumentOf(node, "parameters")).flatMap((item) => {
    if (item.kind !== "map") return [];
    const { name, value } = item.entries;
    return name?.kind === "literal" && isValue(value) ? [[String(name.value), value] as const] : [];
  });
}

function limitsFor(bytes: number, maxBytes: number): TransformLimits {
  return {
    steps: stepsOfSmallBodies + bytes * stepsFactor,
    stepsAtOnce,
    bytes: Math.min(most, least + bytes * bytesFactor),
    maxUnits: maxBytes,
  };
}

function rethrow(error: unknown): never {
  if (error instanceof TransformFailure || error instanceof XPathProblem) throw expressionFailed(error.message);
  throw error;
}

function encode(text: string, encoding: Output["encoding"]): Buffer {
  switch (encoding) {
    case "utf-8":
      return Buffer.from(text);
    case "utf-16":
      // The mark says which byte comes first.
      return Buffer.from(`\ufeff${text}`, "utf16le");
    case "iso-8859-1":
      return Buffer.from(text.replaceAll(/[^\u0000-\u00ff]/gu, "?"), "latin1"); // oxlint-disable-line no-control-regex
    case "us-ascii":
      return Buffer.from(text.replaceAll(/[^\u0000-\u007f]/gu, "?"), "latin1"); // oxlint-disable-line no-control-regex
  }
}

const mediaTypes = { xml: "application/xml", html: "text/html", text: "text/plain" } as const;

/** What the stylesheet says, what the message says, or what fits; always with the charset that it has now. */
function contentType(headers: HeaderList, { method }: Written, { mediaType, encoding }: Output): string {
  const said = mediaType ?? mediaTypeOf(headers);
  return `${said === "" ? mediaTypes[method] : said}; charset=${encoding}`;
}
