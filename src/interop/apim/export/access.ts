import type { AccessRule, Api, Definition, Operation } from "#model/definition.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { translateTerm } from "#notation/cel-csharp/translate.ts";
import { maybeOf } from "#notation/cel-csharp/term.ts";
import type { NamesKnown } from "#notation/cel-csharp/names.ts";
import { identifierCode, type TokenNames } from "#notation/cel-csharp/principal.ts";
import { Untranslatable } from "#notation/cel-csharp/untranslatable.ts";
import type { ExportReport } from "./export-report.ts";
import { csharp, list, literal, map, node, policies } from "./nodes.ts";
import { callerVariable, tokenChecks, tokenNames, tokenVariable } from "./token-checks.ts";

/** Policies that ask who may call, before any other one runs. */
export interface AccessPolicies {
  readonly nodes: readonly PolicyNode[];
  /** The caller's token, once these have run; null: none is looked at. */
  readonly token: TokenNames | null;
}

const nothing: AccessPolicies = { nodes: [], token: null };

/** Who may call an operation, as policies. What has no counterpart is reported: then the API cannot be there. */
export function accessPolicies(
  api: Api,
  operation: Operation,
  { providers }: Definition,
  report: ExportReport,
): AccessPolicies {
  const owner = `apis.${api.name}`;
  const certificate = operation.clientCertificate ?? api.clientCertificate;
  const shown = certificate ? [refusal("context.Request.Certificate == null", 403, operation.at)] : [];
  if (certificate)
    report.change(
      owner,
      "any certificate that a client shows is taken there: name its authority in validate-client-certificate",
    );
  const access = operation.access.kind === "unsaid" ? api.access : operation.access;
  if (access.kind !== "rules") return shown.length === 0 ? nothing : { nodes: shown, token: null };
  const known = tokenNames(providers);
  const names = known === null ? null : certainly(known);
  const note = (message: string): void => report.change(owner, message);
  const plain = conditionOf(access.rules, { token: null, note });
  const condition =
    "code" in plain ? plain : conditionOf(access.rules, { token: names, note, lacking: whyNoToken(providers) });
  if (!("code" in condition)) {
    const { rule, error } = condition;
    report.refuse(owner, rule.condition.at, `an access rule has CEL without a counterpart in C#: ${error.message}`);
    return nothing;
  }
  const judged = refusal(condition.code, 403, operation.at);
  if ("code" in plain) return { nodes: [...shown, judged], token: null };
  const checks = tokenChecks(providers);
  for (const message of checks.changed) report.change(owner, message);
  for (const message of checks.impossible) report.refuse(owner, api.at, message);
  report.change(owner, "its access rules look at tokens: there, whoever has none is refused before they are asked");
  const verified = node("validate-jwt", operation.at, { ...checks.args, outputVariable: literal(tokenVariable) });
  const kept = identifierPolicies(known, operation.at);
  return { nodes: [...shown, verified, ...kept, judged], token: names };
}

/** The token as it is known behind the policies that look for it. */
function certainly(token: TokenNames): TokenNames {
  return { ...token, certain: true, ...(hasIdentifier(token) ? { id: callerVariable } : {}) };
}

function whyNoToken(providers: Definition["providers"]): string {
  return providers.length === 0
    ? "no provider of the definition has tokens"
    : "providers of the definition write it in different ways";
}

/** Keeps who it is in a variable, where the token says it in claims of its own. */
function identifierPolicies(token: TokenNames | null, at: PolicyNode["at"]): readonly PolicyNode[] {
  if (token === null || !hasIdentifier(token)) return [];
  return [node("set-variable", at, { name: literal(callerVariable), value: csharp(identifierCode(token), at) })];
}

function hasIdentifier(token: TokenNames): boolean {
  try {
    return identifierCode(token) !== "";
  } catch (error) {
    if (error instanceof Untranslatable) return false;
    throw error;
  }
}

interface Unsaid {
  readonly rule: AccessRule;
  readonly error: Untranslatable;
}

/** True where the rules refuse: a deny rule that holds or fails, or none of the allow rules that holds. */
function conditionOf(rules: readonly AccessRule[], known: NamesKnown): { readonly code: string } | Unsaid {
  const parts: { allow: string[]; deny: string[] } = { allow: [], deny: [] };
  for (const rule of rules) {
    const judged = judge(rule, known);
    if (typeof judged !== "string") return judged;
    parts[rule.effect].push(judged);
  }
  const { allow, deny } = parts;
  const all = [...(allow.length === 0 ? [] : [`!(${allow.join(" || ")})`]), ...deny];
  return { code: all.join(" || ") };
}

function judge(rule: AccessRule, known: NamesKnown): string | Unsaid {
  const { source } = rule.condition;
  try {
    const found = translateTerm(source, "bool", known);
    if (found.defined === null) return found.code;
    return `${maybeOf(found, 0)} ${rule.effect === "allow" ? "== true" : "!= false"}`;
  } catch (error) {
    if (error instanceof Untranslatable) return { rule, error };
    throw error;
  }
}

function refusal(condition: string, status: number, at: PolicyNode["at"]): PolicyNode {
  const answer = node("return-response", at, {
    policies: policies([node("set-status", at, { code: literal(status) })]),
  });
  const when = map({ condition: csharp(`@(${condition})`, at), policies: policies([answer]) });
  return node("choose", at, { when: list([when]) });
}
