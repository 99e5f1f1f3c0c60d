import { Buffer } from "node:buffer";
import { inSlices } from "#lib/slices.ts";
import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue } from "./arguments.ts";
import { charsetOf, decodeBytes } from "./charset.ts";
import { mediaTypeOf } from "./content-kind.ts";
import type { LinkContext, Run } from "./context.ts";
import { expressionFailed } from "./failure.ts";
import { messageOf } from "./message.ts";
import { convertJson, convertXml } from "./transforms/conversions.ts";
import type { TransformJobs } from "./transforms/jobs.ts";
import { asBuffer, ownBytes } from "./transforms/transforms.ts";
import { evaluateBoolean, evaluateString } from "./values.ts";
import { wantsType } from "./wanted-type.ts";

type ConversionName = "xml-to-json" | "json-to-xml";

export interface Conversion<Name extends ConversionName> {
  readonly name: Name;
  readonly isSource: (mediaType: string) => boolean;
  readonly isTarget: (mediaType: string) => boolean;
  readonly contentType: string;
  readonly settings: (exchange: Exchange) => TransformJobs[Name]["request"]["settings"];
}

const converters = { "xml-to-json": convertXml, "json-to-xml": convertJson };

/**
 * What both conversions have in common: which bodies (`apply`), for whom (`considerAcceptHeader`), within the bound of a
 * body; in slices, or beside this thread, so that a large body holds nobody up.
 */
export function linkConversion<Name extends ConversionName>(
  node: PolicyNode,
  { section, ports }: LinkContext,
  conversion: Conversion<Name>,
): Run {
  const { clock, bodies, transforms } = ports;
  const { name } = conversion;
  const apply = evaluateString(requiredValue(node, "apply"), clock);
  const considerAccept = evaluateBoolean(requiredValue(node, "considerAcceptHeader"), clock);
  const message = messageOf(section);
  const convert = converters[name] as (text: string, settings: unknown) => ReturnType<typeof convertXml>;

  function converted(body: Uint8Array, headers: HeaderList, exchange: Exchange): Promise<Uint8Array> {
    const charset = charsetOf(headers);
    const settings = conversion.settings(exchange);
    if (body.byteLength < transforms.fromBytes)
      return inSlices(convert(decodeBytes(body, charset), settings)).then((text) => Buffer.from(text));
    const request = { body: ownBytes(body), charset, settings } as TransformJobs[Name]["request"];
    return transforms.run(name, request, body.byteLength).then(asBuffer);
  }

  return (exchange) => {
    const body = message.bodyToChange(exchange);
    if (body === undefined || body.byteLength === 0) return undefined;
    const headers = message.headers(exchange);
    if (!isAlways(apply(exchange)) && !conversion.isSource(mediaTypeOf(headers))) return undefined;
    if (considerAccept(exchange) && !wantsType(exchange.facts.headers, conversion.isTarget)) return undefined;
    return converted(body, headers, exchange).then((made) => {
      if (made.byteLength > bodies.maxBytes) throw expressionFailed(`a body may have ${bodies.maxBytes} bytes`);
      message.setBody(exchange, made);
      message.writableHeaders(exchange).set("Content-Type", conversion.contentType);
      return undefined;
    });
  };
}

/** Whatever else is computed means: by the content type. */
function isAlways(apply: string): boolean {
  return apply.toLowerCase() === "always";
}
