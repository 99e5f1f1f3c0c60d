import type { Parsed } from "#config/shapes/text.ts";
import { parseHost } from "./host.ts";

const form = /^(https?):\/\/(\[[0-9a-f:.]+\]|[^/?#@\s[\]:]+)(?::(\d{1,5}))?\/?$/i;

/** `scheme://host[:port]`; the host may begin with `*.` for exactly one label. Computed destinations must match one. */
export function parseEgressPattern(text: string): Parsed<string> {
  const [, scheme, host, port] = form.exec(text) ?? [];
  const parsed = host === undefined ? undefined : parseHost(host.replaceAll(/[[\]]/g, ""));
  const inRange = port === undefined || (Number(port) > 0 && Number(port) < 65_536);
  if (scheme === undefined || parsed === undefined || "problem" in parsed || !inRange) {
    const fix = "write https://api.example.com or https://*.example.com";
    return text.includes("@")
      ? { problem: "the destination holds credentials", fix, secret: true }
      : { problem: `${text} is not scheme://host[:port]`, fix };
  }
  const name = parsed.value.includes(":") ? `[${parsed.value}]` : parsed.value;
  return { value: `${scheme.toLowerCase()}://${name}${port === undefined ? "" : `:${port}`}` };
}
