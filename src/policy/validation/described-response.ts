import type { Exchange } from "#model/exchange.ts";
import type { DescribedResponse } from "#model/operation-description.ts";

/** What is said of responses with this status: of itself, of its class, of all others. */
export function describedResponse({ route, response }: Exchange): DescribedResponse | undefined {
  const responses = route?.description?.responses ?? [];
  const status = String(response?.status ?? "");
  const by = (name: string): DescribedResponse | undefined => responses.find((one) => one.status === name);
  return by(status) ?? by(`${status[0]}XX`) ?? by("default");
}
