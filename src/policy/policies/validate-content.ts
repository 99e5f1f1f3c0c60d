import type { Outcome } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { DescribedSchema, NamedSchema } from "#model/operation-description.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { argumentOf, listOf, requiredValue } from "#policy/arguments.ts";
import { mediaTypeOf } from "#policy/content-kind.ts";
import type { LinkContext, PolicyPorts, Run } from "#policy/context.ts";
import { messageOf } from "#policy/message.ts";
import { linkContentTypeMap } from "#policy/validation/content-type-map.ts";
import { describedResponse } from "#policy/validation/described-response.ts";
import { type Action, evaluateAction, Findings, isOfRequest } from "#policy/validation/findings.ts";
import { checkJson } from "#policy/validation/check-json.ts";
import { checkXml, type XmlKind } from "#policy/validation/check-xml.ts";
import type { JsonRules } from "#policy/validation/json-problem.ts";
import { noSuchSchema } from "#policy/validation/no-such-schema.ts";
import { type Evaluate, evaluateBoolean, evaluateInteger, isValue } from "#policy/values.ts";

const maxSize = 104_857_600;

export function link(node: PolicyNode, { section, ports }: LinkContext): Run {
  const { clock } = ports;
  const message = messageOf(section);
  const ofRequest = isOfRequest(section);
  const size = evaluateInteger(requiredValue(node, "maxSize"), clock, 0, maxSize);
  const sizeAction = evaluateAction(requiredValue(node, "sizeExceededAction"), clock);
  const unspecified = evaluateAction(requiredValue(node, "unspecifiedContentTypeAction"), clock);
  const countsAs = linkContentTypeMap(argumentOf(node, "contentTypeMap"), clock);
  const contents = listOf(argumentOf(node, "content")).map((item) => linkContent(item, ofRequest, ports));
  const what = ofRequest ? "Request" : "Response";
  return (exchange) => {
    const body = message.body(exchange);
    if (body === undefined || body.byteLength === 0) return undefined;
    const findings = new Findings(exchange);
    const limit = size(exchange);
    if (body.byteLength > limit) {
      const details = `${what}'s body is ${body.byteLength} bytes long and it exceeds the limit of ${limit} bytes.`;
      findings.add(sizeAction(exchange), "Body", "content", "SizeLimit", details);
      return findings.conclude(node, ofRequest);
    }
    const headers = message.headers(exchange);
    const type = countsAs(mediaTypeOf(headers))(exchange);
    const described = (ofRequest ? exchange.route?.description?.request : describedResponse(exchange)?.contents) ?? [];
    const content = contents.find((one) => one.type === undefined || one.type === type);
    // A schema that the policy names, or the API's own for XML, says as much as a description does.
    const specified =
      content?.specifies(exchange) === true ? { type, schema: null } : described.find((one) => fits(one.type, type));
    if (specified === undefined) {
      const details = `Unspecified content type ${type.slice(0, 100)} is not allowed.`;
      findings.add(unspecified(exchange), "Content-Type", "content", "Unspecified", details);
      return findings.conclude(node, ofRequest);
    }
    if (content === undefined) return findings.conclude(node, ofRequest);
    const wrong = content.check(body, headers, specified.schema, exchange);
    if (!(wrong instanceof Promise)) return concluded(exchange, wrong, specified.type, content, findings);
    return wrong.then((found) => concluded(exchange, found, specified.type, content, findings));
  };

  function concluded(
    exchange: Exchange,
    wrong: string | undefined,
    type: string,
    content: LinkedContent,
    findings: Findings,
  ): Outcome {
    if (wrong !== undefined) {
      const details = `Body of the ${what.toLowerCase()} does not conform to the definition, which is associated with the content type ${type}. ${wrong}`;
      findings.add(content.action(exchange), "Body", "content", "IncorrectMessage", details);
    }
    return findings.conclude(node, ofRequest);
  }
}

interface LinkedContent {
  /** Undefined: any. */
  readonly type: string | undefined;
  readonly action: Evaluate<Action>;
  /** There is a schema, whatever the operation is described with. */
  readonly specifies: (exchange: Exchange) => boolean;
  readonly check: Check;
}

/** What is wrong with a body; undefined when it is right. @param described the operation's own schema */
type Check = (
  body: Uint8Array,
  headers: HeaderList,
  described: DescribedSchema | null,
  exchange: Exchange,
) => string | undefined | Promise<string | undefined>;

function linkContent(item: Argument, ofRequest: boolean, ports: PolicyPorts): LinkedContent {
  const { type, action, schemaId, validateAs } = item.kind === "map" ? item.entries : {};
  const isXml = textOf(validateAs) !== "json";
  return {
    type: type?.kind === "literal" ? String(type.value).trim().toLowerCase() : undefined,
    action: isValue(action) ? evaluateAction(action, ports.clock) : (): Action => "prevent",
    specifies: ({ api }) => schemaId !== undefined || (isXml && api?.xmlSchema !== undefined),
    check: linkCheck(item, ofRequest, ports),
  };
}

function linkCheck(item: Argument, ofRequest: boolean, ports: PolicyPorts): Check {
  const { clock, schemas, transforms } = ports;
  const { validateAs, schemaId, schemaRef } = item.kind === "map" ? item.entries : {};
  const name = textOf(schemaId);
  const kind = textOf(validateAs);
  if (kind !== "json") return linkXmlCheck(name, kind === "xml" ? "xml" : ofRequest ? "request" : "response", ports);
  const own = name === undefined ? undefined : namedSchema(schemas, name, schemaRef);
  const rules = linkJsonRules(item, clock);
  return (body, headers, described, exchange) =>
    checkJson(body, headers, own ?? described, rules(exchange), transforms);
}

function linkJsonRules(item: Argument, clock: Clock): Evaluate<JsonRules> {
  const { allowAdditionalProperties, caseInsensitivePropertyNames } = item.kind === "map" ? item.entries : {};
  const additional = isValue(allowAdditionalProperties) ? evaluateBoolean(allowAdditionalProperties, clock) : null;
  const anyCase = isValue(caseInsensitivePropertyNames) ? evaluateBoolean(caseInsensitivePropertyNames, clock) : null;
  return (exchange) => ({ additional: additional?.(exchange) ?? null, anyCase: anyCase?.(exchange) ?? false });
}

/** @throws GatewayError `definition-invalid` */
function linkXmlCheck(name: string | undefined, kind: XmlKind, { xmlSchemas, transforms }: PolicyPorts): Check {
  const named = name === undefined ? undefined : xmlSchemas.find((one) => one.name === name);
  if (name !== undefined && named === undefined) throw noSuchSchema();
  return (body, headers, _described, { api }) => {
    const schema = named ?? api?.xmlSchema;
    return schema === undefined ? "The API has no schema of XML." : checkXml(body, headers, schema, kind, transforms);
  };
}

function textOf(argument: Argument | undefined): string | undefined {
  return argument?.kind === "literal" ? String(argument.value) : undefined;
}

/** @throws GatewayError `definition-invalid`: names were checked with the definition, so this is a bug */
function namedSchema(schemas: readonly NamedSchema[], name: string, part: Argument | undefined): DescribedSchema {
  const pointer = part?.kind === "literal" ? String(part.value) : "";
  const found = schemas.find((one) => one.name === name && one.pointer === pointer);
  if (found === undefined) throw noSuchSchema();
  return found.schema;
}

/** Of what is described: a type, a range, or everything. */
function fits(range: string, type: string): boolean {
  if (range === "*/*" || range === type) return true;
  return range.endsWith("/*") && type.startsWith(range.slice(0, -1));
}
