import type { WorkbenchContext } from "./context.ts";
import type { WorkbenchRun } from "./run.ts";

const mask = "***";
const credentials =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|ocp-apim-subscription-key|x-api-key|api-key)$/i;

/**
 * The run as it may be shown: values of secrets are gone wherever they stand, credentials in header fields too, and
 * expressions that hold a secret show nothing of themselves. Bodies are texts afterwards.
 */
export function masked(run: WorkbenchRun, { secrets = {} }: WorkbenchContext): WorkbenchRun {
  const values = Object.values(secrets).filter((value) => value !== "");
  const text = (shown: string): string => values.reduce((rest, value) => rest.replaceAll(value, mask), shown);
  const orNull = (shown: string | null): string | null => (shown === null ? null : text(shown));
  const field = (name: string, value: string): string => (credentials.test(name) ? mask : text(value));
  const headers = (raw: readonly string[]): string[] =>
    raw.map((part, at) => (at % 2 === 0 ? part : field(raw[at - 1] ?? "", part)));
  const body = <Body extends Uint8Array | null>(bytes: Body): Body =>
    (bytes === null || values.length === 0 ? bytes : Buffer.from(text(Buffer.from(bytes).toString("utf8")))) as Body;
  return {
    steps: run.steps.map((step) => ({
      ...step,
      outcome: text(step.outcome),
      traced: step.traced.map(text),
      expressions: step.expressions.map((one) => {
        const value = one.secret && one.value !== null ? mask : orNull(one.value);
        return { ...one, source: one.secret ? mask : text(one.source), value, error: orNull(one.error) };
      }),
      changes: step.changes.map(({ what, before, after }) => {
        const name = what.replace(/^(?:request|response)\.header /, "");
        const shown = (value: string | null): string | null => (value === null ? null : field(name, value));
        return { what, before: shown(before), after: shown(after) };
      }),
    })),
    sent: run.sent.map((one) => ({ ...one, url: text(one.url), headers: headers(one.headers), body: body(one.body) })),
    response: run.response && {
      ...run.response,
      headers: headers(run.response.headers),
      body: body(run.response.body),
    },
    refusal: run.refusal && { ...run.refusal, detail: orNull(run.refusal.detail) },
  };
}
