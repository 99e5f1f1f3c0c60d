import { createEgressGuard } from "#upstream/egress.ts";
import type { OwnAddress } from "#upstream/egress.ts";
import { parseDestination } from "#upstream/destination.ts";

/** The rules of egress for a client that dials by itself. Rejects with `egress-refused`. */
export function dialCheck(ownAddresses: readonly OwnAddress[]): (host: string, port: number) => Promise<void> {
  const guard = createEgressGuard({ allow: [], ownAddresses });
  return async (host, port) => {
    const name = host.includes(":") ? `[${host}]` : host;
    const destination = parseDestination(`https://${name}:${port}`);
    const leave = guard.checkDeclared(destination);
    if (leave === null || destination.literal) return;
    await new Promise<void>((resolve, reject) => {
      leave.lookup(destination.host, { all: true }, (error) => (error === null ? resolve() : reject(error)));
    });
  };
}
