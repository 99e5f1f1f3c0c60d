import { adminApi } from "#admin/exchange.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Clock } from "#model/ports.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import type { AccessEvent } from "#products/access-requests.ts";
import { madeExchange } from "./made-exchange.ts";

const gateway: Principal = Object.freeze({
  ...anonymous,
  id: "urn:sallyport:gateway||clock",
  kind: "service",
  issuer: "urn:sallyport:gateway",
  subject: "clock",
});

/**
 * What the record is told of a step that nobody has called for: that time has ended a request. Written as the call
 * would have been that had the same effect, by the gateway itself.
 */
export function clockRecord({ request, step }: AccessEvent, id: string, clock: Clock): Exchange {
  const path = `/access/requests/${request.id}/${step.step}`;
  const exchange = madeExchange(gateway, clock, { id, method: "POST", host: "localhost", path, target: path });
  exchange.api = adminApi;
  exchange.trail.push({
    door: "policy",
    step: `${step.step}-access`,
    outcome: "passed",
    detail: `request ${request.id} for ${request.approval} of ${request.grantee} is ${request.state}: its time is over`,
    micros: 0,
  });
  exchange.response = new ResponseDraft(200, "", new HeaderList(), null, "gateway");
  return exchange;
}
