import { inSlices } from "#lib/slices.ts";
import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { PolicyNode, Value } from "#model/policy-tree.ts";
import { readStylesheet } from "#notation/xslt/read-stylesheet.ts";
import type { Output } from "#notation/xslt/stylesheet.ts";
import type { TransformLimits } from "#notation/xslt/transform.ts";
import { argumentOf, listOf, literalText } from "#policy/arguments.ts";
import { charsetOf, decodeBytes } from "#policy/charset.ts";
import { mediaTypeOf } from "#policy/content-kind.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { expressionFailed } from "#policy/failure.ts";
import { messageOf } from "#policy/message.ts";
import type { StylesheetSource, TransformJobs } from "#policy/transforms/jobs.ts";
import { applyStylesheet } from "#policy/transforms/stylesheets.ts";
import { asBuffer, assetOf, ownBytes } from "#policy/transforms/transforms.ts";
import { evaluateString, isValue } from "#policy/values.ts";

type Made = TransformJobs["xsl-transform"]["response"];

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
  const { clock, bodies, transforms } = ports;
  const source = literalText(node, "stylesheet") ?? "";
  // It was checked with the catalogue, so this does not throw.
  const stylesheet = readStylesheet(source);
  const asset = assetOf({ stylesheet: source } satisfies StylesheetSource);
  const given = parametersOf(node).map(([name, value]) => [name, evaluateString(value, clock)] as const);
  const message = messageOf(section);

  function transformed(body: Uint8Array, exchange: Exchange): Promise<Made> {
    const charset = charsetOf(message.headers(exchange));
    const parameters = new Map(given.map(([name, value]) => [name, value(exchange)]));
    const limits = limitsFor(body.byteLength, bodies.maxBytes);
    if (body.byteLength < transforms.fromBytes)
      return inSlices(applyStylesheet(stylesheet, decodeBytes(body, charset), parameters, limits));
    const request = { body: ownBytes(body), charset, parameters, limits };
    return transforms.run("xsl-transform", request, body.byteLength, asset);
  }

  return (exchange) => {
    const body = message.body(exchange);
    if (body === undefined || body.byteLength === 0) return undefined;
    return transformed(body, exchange).then(({ body: made, method }) => {
      if (made.byteLength > bodies.maxBytes) throw expressionFailed(`a body may have ${bodies.maxBytes} bytes`);
      message.setBody(exchange, asBuffer(made));
      const headers = message.writableHeaders(exchange);
      headers.set("Content-Type", contentType(headers, method, stylesheet.output));
      return undefined;
    });
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

const mediaTypes = { xml: "application/xml", html: "text/html", text: "text/plain" } as const;

/** What the stylesheet says, what the message says, or what fits; always with the charset that it has now. */
function contentType(headers: HeaderList, method: Made["method"], { mediaType, encoding }: Output): string {
  const said = mediaType ?? mediaTypeOf(headers);
  return `${said === "" ? mediaTypes[method] : said}; charset=${encoding}`;
}
