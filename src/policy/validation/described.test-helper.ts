import { Buffer } from "node:buffer";
import type { Outcome } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { DescribedSchema, OperationDescription } from "#model/operation-description.ts";
import type { PolicyNode, Section } from "#model/policy-tree.ts";
import type { Route } from "#model/snapshot.ts";
import { BodyRoom } from "#policy/body-room.ts";
import type { PolicyPorts } from "#policy/context.ts";
import { exchangeFor, policy, portsWith, run } from "#policy/policy.test-helper.ts";

export type Args = Parameters<typeof policy>[1];

/** Frozen, as all of a snapshot is. */
export const of = (schema: object): DescribedSchema =>
  Object.freeze({ draft: "2020-12", schema: Object.freeze(schema) as DescribedSchema["schema"] });
export const order: DescribedSchema = of({
  type: "object",
  required: ["id"],
  properties: { id: { type: "string", allOf: [{ format: "pattern:^o-" }] } },
});
export const description: OperationDescription = {
  parameters: [
    { name: "id", place: "path", required: true, schema: of({ type: "integer", minimum: 1 }), list: "commas" },
    {
      name: "a",
      place: "query",
      required: false,
      schema: of({ type: "array", items: { type: "integer" } }),
      list: "repeated",
    },
    { name: "b", place: "query", required: true, schema: of({ type: "boolean" }), list: "commas" },
    { name: "X-Kind", place: "header", required: false, schema: of({ enum: ["x", "y"] }), list: "commas" },
  ],
  request: [
    { type: "application/json", schema: order },
    { type: "text/*", schema: null },
  ],
  responses: [
    {
      status: "200",
      headers: [{ name: "X-Left", required: true, schema: of({ type: "integer" }) }],
      contents: [{ type: "application/json", schema: order }],
    },
    { status: "4XX", headers: [], contents: [] },
  ],
};
export const ports: PolicyPorts = portsWith({ bodies: new BodyRoom(10_000, 100_000) });

export function incoming(query: string, id = "7", headers: string[] = []): Exchange {
  const exchange = exchangeFor(headers, { query });
  exchange.route = { description } as unknown as Route;
  exchange.parameters = { id };
  return exchange;
}

export function responding(status: number, headers: string[] = [], body = ""): Exchange {
  const exchange = incoming("b=true");
  exchange.response = new ResponseDraft(status, "", new HeaderList(headers), Buffer.from(body), "upstream");
  return exchange;
}

export function textOf(outcome: Outcome): string {
  return outcome?.kind === "refusal" ? `${outcome.reason}: ${outcome.message ?? ""}` : "passed";
}

/** @param given a policy, or the name of one with the arguments that follow */
export function resultOf(given: PolicyNode, exchange: Exchange, section: Section): string;
export function resultOf(given: string, args: Args, exchange: Exchange, section: Section): string;
export function resultOf(given: PolicyNode | string, ...rest: unknown[]): string {
  const node = typeof given === "string" ? policy(given, rest[0] as Args) : given;
  const [exchange, section] = rest.slice(-2) as [Exchange, Section];
  return textOf(run(node, exchange, { section, ports }));
}
