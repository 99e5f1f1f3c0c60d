import type { UserInfoLookup } from "#model/group-lookup.ts";
import { rulesOf } from "#model/provider-rules.ts";
import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import type { ProviderInput } from "#config/table/identity.ts";

/** Whether the userinfo endpoint is asked about tokens; undefined: it is not. */
export function buildUserInfo(
  { name, at, value }: Named<ProviderInput>,
  problems: Problems,
): UserInfoLookup | undefined {
  const { userInfo, preset, graph } = value;
  if (userInfo === undefined || userInfo === "off") return undefined;
  const rules = rulesOf(preset);
  if (rules.tenantInIssuer || rules.idTokens || rules.kind === "service") {
    const fix = rules.tenantInIssuer ? "ask Microsoft Graph: graph: { groups: always }" : "leave userInfo out";
    problems.error("value-invalid", at, `tokens of ${name} are not for a userinfo endpoint`, fix);
  } else if (value.dpop === "required" || (graph !== undefined && graph !== "off")) {
    const message = `${name}: userInfo is asked with the caller's bearer token, and about groups alone`;
    problems.error("value-invalid", at, message, "leave userInfo out, or dpop: required and graph");
  }
  return { keepMs: userInfo.keep };
}
