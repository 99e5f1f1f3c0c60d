import type { CliLogin } from "#model/cli-login.ts";
import type { Provider } from "#model/definition.ts";
import { suggestion } from "#notation/nearest.ts";
import { tenantMark } from "#model/provider-rules.ts";
import type { Problems } from "#notation/problems.ts";
import type { CliLoginInput } from "#config/table/cli-login.ts";

/** Null: this gateway says nothing of it. */
export function buildCliLogin(
  input: CliLoginInput | undefined,
  providers: readonly Provider[],
  problems: Problems,
): CliLogin | null {
  if (input?.provider === undefined || input.clientId === undefined) return null;
  const { provider, clientId, scopes, resource = null, audience = null, prompt = null } = input;
  const found = providers.find(({ name }) => name === provider.value);
  if (found === undefined) {
    const names = providers.map(({ name }) => name);
    const fix = suggestion(provider.value, names, (one) => one) ?? `define the provider ${provider.value}`;
    problems.error("reference-unknown", provider.at, `there is no provider ${provider.value}`, fix);
    return null;
  }
  // Which tenants there are is nobody's business: whoever logs in at one of several knows its id.
  const [only, ...others] = found.tenants ?? [];
  const issuer = only !== undefined && others.length === 0 ? found.issuer.replace(tenantMark, only) : found.issuer;
  return { issuer, clientId, scopes, resource, audience, prompt };
}
