import type { LoggedExchange } from "./logged-exchange.ts";
import type { Properties } from "./shown-headers.ts";

/** UTF-16 units that weigh as much as an exchange without a body. */
const unit = 8192;

/** How much an exchange counts where room is bounded: 1, and 1 more for each 8 KiB of what it says. */
export function weightOf({ properties, call, messages }: LoggedExchange): number {
  let units = unitsOf(properties) + (call === null ? 0 : unitsOf(call.properties));
  for (const { text, properties: more } of messages) units += text.length + unitsOf(more);
  return 1 + Math.floor(units / unit);
}

function unitsOf(properties: Properties): number {
  let units = 0;
  for (const name of Object.keys(properties)) units += (properties[name] as string).length;
  return units;
}
