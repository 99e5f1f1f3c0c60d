import type { AssertionSettings, IdentityShown } from "#model/assertion.ts";
import type { Api, Backend } from "#model/definition.ts";
import type { Problems } from "#notation/problems.ts";
import type { AssertionInput, IdentityShownInput } from "#config/table/assertion.ts";

/** What stands under `identity` of a backend or an API; nothing where it does not. */
export function buildIdentityShown(
  input: IdentityShownInput | undefined,
  problems: Problems,
): { readonly identity?: IdentityShown } {
  if (input === undefined) return {};
  const { value, at } = input;
  if (value.includes("none") && value.length > 1) {
    problems.error("value-invalid", at, "none stands alone", "write none, or what the backend is told");
  }
  return { identity: { headers: value.includes("headers"), assertion: value.includes("assertion") } };
}

/** Null where nobody asks for assertions: no key is made then. */
export function buildAssertion(
  { issuer, rotate }: AssertionInput,
  apis: readonly Pick<Api, "identity">[],
  backends: readonly Pick<Backend, "identity">[],
): AssertionSettings | null {
  const isAsked = [...apis, ...backends].some(({ identity }) => identity?.assertion === true);
  return isAsked ? { issuer, rotateMs: rotate } : null;
}
