import type { Egress } from "#model/ports.ts";
import { stripHopByHop } from "#wire/hop-by-hop.ts";

/** The way out for calls of policies. What an answer says about its connection is nobody's behind it. */
export function policyEgress(egress: Egress): Egress {
  return {
    fetch: async (request) => {
      const response = await egress.fetch(request);
      return { ...response, headers: stripHopByHop(response.headers, false) };
    },
  };
}
