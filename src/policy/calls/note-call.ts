import type { Exchange } from "#model/exchange.ts";
import type { ReceivedResponse } from "#model/received-response.ts";

/** Who was called and what came of it, for the record: not what was asked and answered. */
export function noteCall(
  exchange: Exchange,
  step: string,
  url: string,
  response: ReceivedResponse | null,
  milliseconds: number,
): void {
  exchange.trail.push({
    door: "policy",
    step,
    outcome: response === null ? "failed" : "passed",
    detail: `${URL.parse(url)?.origin ?? ""}: ${response?.status ?? "no answer"}`,
    micros: Math.round(milliseconds * 1000),
  });
}
