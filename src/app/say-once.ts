import type { Clock } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";
import type { SeenUser } from "#products/provisioning.ts";

/** Main has made the user long before, or could not. */
const againMs = 30_000;

/** Tells main of a person, once a while for each token, however many requests come with it. Services are no users. */
export function sayOnce(clock: Pick<Clock, "mono">, say: (user: SeenUser) => void): (principal: Principal) => void {
  const said = new WeakMap<Principal, number>();
  return (principal) => {
    const { kind, provider, subject, email, displayName } = principal;
    if (kind !== "user" || provider === undefined) return;
    const now = clock.mono();
    if (now - (said.get(principal) ?? -Infinity) < againMs) return;
    said.set(principal, now);
    say({
      provider,
      subject,
      ...(email === undefined ? {} : { email }),
      ...(displayName === undefined ? {} : { displayName }),
    });
  };
}
