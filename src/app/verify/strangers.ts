import { principalId } from "#identity/principal-id.ts";
import { AccessCheck, type AccessVerdict } from "#app/access/access-check.ts";
import type { Api, Definition, Operation, Provider } from "#model/definition.ts";
import type { Finding } from "#model/finding.ts";
import type { Clock } from "#model/ports.ts";
import { anonymous, type Principal, type PrincipalKind } from "#model/principal.ts";
import { sampleRequest } from "./sample-request.ts";

/** Somebody whom a provider knows, and nothing is said of. */
interface Stranger {
  readonly what: string;
  readonly principal: Principal;
}

const kinds: Readonly<Record<Exclude<PrincipalKind, "anonymous">, string>> = {
  user: "a person in no group",
  service: "a service without scopes or roles",
  agent: "an agent",
};
const subject = "sallyport-verify";

/**
 * Whether each operation's rules leave somebody out: they are judged over strangers, as the compiled routes and rules of
 * the definition judge. What the gateway runs is this definition, by another check; nobody has a token of a stranger.
 */
export function strangerFindings(definition: Definition, clock: Clock): readonly Finding[] {
  const strangers = definition.providers.flatMap(strangersOf);
  if (strangers.length === 0) return [];
  const access = new AccessCheck(definition, clock);
  return definition.apis.flatMap((api) =>
    api.operations.flatMap((operation) => findingOf(definition, access, strangers, api, operation)),
  );
}

function strangersOf({ name, issuer }: Provider): readonly Stranger[] {
  return Object.entries(kinds).map(([kind, what]) => ({
    what: `${what} of ${name}`,
    principal: Object.freeze({
      ...anonymous,
      id: principalId(issuer, "", subject),
      kind: kind as PrincipalKind,
      issuer,
      subject,
      provider: name,
      authMethod: "token",
      claims: Object.freeze({ iss: issuer, sub: subject }),
    }),
  }));
}

function findingOf(
  definition: Definition,
  access: AccessCheck,
  strangers: readonly Stranger[],
  api: Api,
  operation: Operation,
): readonly Finding[] {
  const { method, url } = sampleRequest(definition, api, operation);
  const question = { method, url, headers: [], clientAddress: "127.0.0.1" };
  const verdicts = strangers.map(({ what, principal }) => ({ what, verdict: access.ask(question, principal) }));
  const ruled = verdicts.filter(({ verdict }) => isRuled(verdict, api, operation));
  // Public, or by a key, or not met by the sample, which the other checks tell of.
  if (ruled.length === 0) return [];
  const name = `${operation.name}: ${method} ${new URL(url).pathname} by strangers`;
  const base = { group: api.name, name, ms: 0 };
  const refused = ruled.filter(({ verdict }) => !verdict.allowed);
  const vacuous = rulesThatAllowAll(ruled.map(({ verdict }) => verdict));
  if (refused.length > 0 && vacuous.length === 0) {
    const detail = `the rules refuse ${refused.map(({ what }) => what).join(", ")}`;
    return [{ ...base, state: "passed", code: "verify-stranger", detail, fix: null }];
  }
  const detail = vacuous.length > 0 ? `${vacuous.join(", ")} holds for every stranger` : "they leave nobody out";
  const fix = "say in the rule whom it is for; where everybody who is known may call, leave the rules out";
  return [{ ...base, state: "warned", code: "verify-stranger", detail, fix }];
}

function isRuled({ route, rules, public: isPublic }: AccessVerdict, api: Api, operation: Operation): boolean {
  return route?.api === api.name && route.operation === operation.name && !isPublic && rules.length > 0;
}

/** Conditions of rules that allow, and that no stranger is outside of. */
function rulesThatAllowAll(verdicts: readonly AccessVerdict[]): readonly string[] {
  const [first] = verdicts;
  const holds = (at: number): boolean => verdicts.every(({ rules }) => rules[at]?.value === true);
  return (first?.rules ?? []).flatMap(({ effect, condition }, at) =>
    effect === "allow" && holds(at) ? [condition] : [],
  );
}
