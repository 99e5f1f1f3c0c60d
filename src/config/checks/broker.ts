import { isIPv6 } from "node:net";
import type { Parsed } from "#config/shapes/text.ts";
import type { KafkaBroker } from "#model/sinks.ts";
import { parseExactHost } from "./host.ts";

const fix = "write kafka-1.example.com:9093";

/** `host:port`, an IPv6 address in brackets. */
export function parseBroker(written: string): Parsed<KafkaBroker> {
  const [, bracketed, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([^\s:/@]+)):(\d{1,5})$/i.exec(written) ?? [];
  const port = Number(digits);
  if (digits === undefined || port === 0 || port > 65_535 || (bracketed !== undefined && !isIPv6(bracketed))) {
    return { problem: "this is no broker", fix };
  }
  if (bracketed !== undefined) return { value: { host: bracketed.toLowerCase(), port } };
  const host = parseExactHost(name ?? "");
  return "problem" in host ? host : { value: { host: host.value, port } };
}
