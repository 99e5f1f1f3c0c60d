import type { LoggedExchange } from "./logged-exchange.ts";
import type { LoggedMetric } from "./metric-counts.ts";
import type { Properties } from "./shown-headers.ts";

/** UTF-16 units that weigh as much as an exchange without a body. */
const unit = 8192;

/** What is told to a logger. */
export type Logged = LoggedExchange | LoggedMetric;

export function isMetric(one: Logged): one is LoggedMetric {
  return "metric" in one;
}

/** How much it counts where room is bounded: 1, and of an exchange 1 more for each 8 KiB of what it says. */
export function weightOf(one: Logged): number {
  if (isMetric(one)) return 1;
  const { properties, call, messages } = one;
  let units = unitsOf(properties) + (call === null ? 0 : unitsOf(call.properties));
  for (const { text, properties: more } of messages) units += text.length + unitsOf(more);
  return 1 + Math.floor(units / unit);
}

function unitsOf(properties: Properties): number {
  let units = 0;
  for (const name of Object.keys(properties)) units += (properties[name] as string).length;
  return units;
}
