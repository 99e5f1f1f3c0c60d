import type { Change, RequestTrace, TracedStep } from "#model/tracing.ts";

const mask = "***";
const longest = 1024;

/** Fields that are credentials whatever stands in them. */
const credentials =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|ocp-apim-subscription-key|x-api-key|api-key|apim-debug-authorization)$/;

export interface Masking {
  /** Takes out what the request proved itself by. */
  readonly withoutCredentials: (text: string) => string;
  /** What the definition calls secret, or came of it. */
  readonly secrets: Iterable<string>;
  /** Lower-case names of fields in which keys are sent, or that are to be kept out. */
  readonly keyFields: readonly string[];
}

/** A trace as it may be shown, its texts of bounded length: traces are for people who may not know the secrets. */
export function maskedTrace(trace: RequestTrace, masking: Masking): RequestTrace {
  const text = (shown: string): string => cut(withoutSecrets(masking.withoutCredentials(shown), masking.secrets));
  return {
    ...trace,
    host: text(trace.host),
    path: text(trace.path),
    handovers: trace.handovers.map((one) => (one.detail === undefined ? one : { ...one, detail: text(one.detail) })),
    rules: trace.rules.map((rule) => ({ ...rule, source: text(rule.source) })),
    steps: trace.steps.map((step) => maskedStep(step, text, masking.keyFields)),
  };
}

function maskedStep(step: TracedStep, text: (shown: string) => string, keyFields: readonly string[]): TracedStep {
  const orNull = (shown: string | null): string | null => (shown === null ? null : text(shown));
  return {
    ...step,
    outcome: text(step.outcome),
    traced: step.traced.map(text),
    expressions: step.expressions.map((one) =>
      one.secret
        ? { ...one, source: mask, value: one.value === null ? null : mask, error: one.error === null ? null : mask }
        : { ...one, source: text(one.source), value: orNull(one.value), error: orNull(one.error) },
    ),
    changes: step.changes.map((change) => maskedChange(change, orNull, keyFields)),
  };
}

function maskedChange(
  { what, before, after }: Change,
  text: (shown: string | null) => string | null,
  keyFields: readonly string[],
): Change {
  const name = /^(?:request|response)\.header (.*)$/.exec(what)?.[1];
  if (name === undefined || !(credentials.test(name) || keyFields.includes(name))) {
    return { what, before: text(before), after: text(after) };
  }
  return { what, before: before === null ? null : mask, after: after === null ? null : mask };
}

function withoutSecrets(text: string, secrets: Iterable<string>): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, mask);
  return clean;
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}… (${text.length} characters)` : text;
}
