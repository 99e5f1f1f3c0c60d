import type { ExpectedAnswer } from "#model/declared-check.ts";
import type { ProbeAnswer } from "./send-probe.ts";

/**
 * What is wrong with an answer, in words; null: nothing. No body is quoted: it may hold anything.
 * @param sent flat `[name, value, …]`
 */
export function judgeAnswer(due: ExpectedAnswer, answer: ProbeAnswer, sent: readonly string[] = []): string | null {
  const { status, headers, text, ms } = answer;
  const reason = reasonOf(answer);
  const told = reason === null ? "" : ` (${reason})`;
  if (!due.status.includes(status)) return `the answer is ${status}${told} instead of ${due.status.join(" or ")}`;
  if (due.reason !== null && reason !== due.reason) {
    return `the answer is ${status} for ${reason ?? "no reason that it names"} instead of ${due.reason}`;
  }
  for (const [name, value] of Object.entries(due.headers)) {
    const found = headers[name];
    if (found === undefined) return `the answer has no ${name}`;
    if (value !== "*" && String(found) !== value)
      return `${name} is ${JSON.stringify(found)} instead of ${JSON.stringify(value)}`;
  }
  if (due.contains !== null && !text.includes(due.contains))
    return `the body does not hold ${JSON.stringify(due.contains)}`;
  const lost = due.echoes?.find((name) => !shows(answer, name, sent));
  if (lost !== undefined) return `the body does not hold what was sent as ${lost}`;
  if (ms > due.withinMs) return `the answer took ${Math.round(ms)} ms instead of ${due.withinMs} at most`;
  return null;
}

/** Whether the body has the value of a field that was sent; of Authorization, what stands behind the scheme. */
export function shows({ text }: ProbeAnswer, name: string, sent: readonly string[]): boolean {
  const at = sent.findIndex((one, index) => index % 2 === 0 && one.toLowerCase() === name);
  const value = (at < 0 ? "" : (sent[at + 1] ?? "")).split(" ").at(-1) ?? "";
  return value !== "" && text.includes(value);
}

/** The code of a refusal, where its document names one. */
export function reasonOf({ text, headers }: ProbeAnswer): string | null {
  if (!String(headers["content-type"]).includes("json")) return null;
  try {
    const { reason } = JSON.parse(text) as { readonly reason?: unknown };
    return typeof reason === "string" ? reason : null;
  } catch {
    return null;
  }
}
