import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText, optionalValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { checkQuery } from "#policy/odata/query.ts";
import { checkResourcePath } from "#policy/odata/resource-path.ts";
import { OdataProblem } from "#policy/odata/tokens.ts";
import { prefixFree, rankOf } from "#policy/odata/versions.ts";
import { Findings } from "#policy/validation/findings.ts";
import { evaluateInteger } from "#policy/values.ts";

interface VersionRule {
  readonly assumed: number;
  readonly min: number;
  readonly max: number;
}

/** Looks at what the client sent: versions, path, query options and the length of the body. */
export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const rule = versionRule(node);
  const given = optionalValue(node, "maxSize");
  const maxSize = given === undefined ? undefined : evaluateInteger(given, ports.clock, 0, 104_857_600);
  return (exchange) => {
    const findings = new Findings(exchange);
    const version = checkVersions(exchange, rule, findings);
    checkPath(exchange, findings);
    for (const { name, problem } of checkQuery(exchange.facts.query, version >= prefixFree)) {
      found(findings, name, "query-parameter", `The query option ${name} is not valid: ${problem}.`);
    }
    if (maxSize !== undefined) checkSize(exchange, maxSize(exchange), findings);
    return findings.conclude(node, true);
  };
}

function found(findings: Findings, name: string, type: string, details: string, rule = "IncorrectMessage"): void {
  findings.add("prevent", name, type, rule, details);
}

function versionRule(node: PolicyNode): VersionRule {
  const rank = (name: string): number | undefined => rankOf(literalText(node, name) ?? "");
  return {
    assumed: rank("defaultOdataVersion") ?? 0,
    min: rank("minOdataVersion") ?? 0,
    max: rank("maxOdataVersion") ?? Infinity,
  };
}

/** @returns the version that the request is in */
function checkVersions({ facts }: Exchange, { assumed, min, max }: VersionRule, findings: Findings): number {
  const said = facts.headers.joined("odata-version");
  const version = said === undefined ? assumed : rankOf(said);
  if (version === undefined) {
    found(findings, "OData-Version", "header-parameter", "The header OData-Version is no version of OData.");
  } else if (said !== undefined && (version < min || version > max)) {
    found(findings, "OData-Version", "header-parameter", "This version of OData is not taken here.");
  }
  const most = facts.headers.joined("odata-maxversion");
  if (most !== undefined && rankOf(most) === undefined) {
    found(findings, "OData-MaxVersion", "header-parameter", "The header OData-MaxVersion is no version of OData.");
  }
  return version ?? assumed;
}

function checkPath({ facts, route }: Exchange, findings: Findings): void {
  try {
    checkResourcePath(facts.path.slice(route?.apiPathLength ?? 0));
  } catch (error) {
    if (!(error instanceof OdataProblem)) throw error;
    found(findings, "path", "path-parameter", `The URL is not valid: ${error.message}.`);
  }
}

function checkSize({ request }: Exchange, most: number, findings: Findings): void {
  const bytes = request.body?.byteLength ?? 0;
  if (bytes <= most) return;
  const details = `Request's body is ${bytes} bytes long and it exceeds the limit of ${most} bytes.`;
  found(findings, "body", "RequestBody", details, "SizeLimit");
}
