import type { Handover } from "#model/exchange.ts";
import { attemptSpanId } from "#model/trace.ts";
import type { FinishedTrace, FinishedUpstream } from "#telemetry/finished-trace.ts";
import type { SpanIds } from "#telemetry/span-ids.ts";
import { isStep } from "#telemetry/steps.ts";
import { clientAttributes, methodName, serverAttributes } from "./span-attributes.ts";
import { attributesOf, nanos } from "./values.ts";

type Span = Readonly<Record<string, unknown>>;

const kind = { internal: 1, server: 2, client: 3 } as const;
const failed = { code: 2 };
const sampledFlag = 1;

/**
 * The spans of one exchange: one of the whole, and one for each hand-over within it. What a step noted on its way is an
 * event of its span.
 */
export function spansOf(one: FinishedTrace, ids: SpanIds): readonly Span[] {
  const { trace, startedAt, ms, status, template, method } = one;
  const { traceId, spanId, parentId, state } = trace;
  const common = { traceId, traceState: state ?? undefined, flags: sampledFlag };
  const whole: Span = {
    ...common,
    spanId,
    parentSpanId: parentId === "" ? undefined : parentId,
    name: [methodName(method) === "_OTHER" ? "HTTP" : method, template].filter(Boolean).join(" "),
    kind: kind.server,
    startTimeUnixNano: nanos(startedAt),
    endTimeUnixNano: nanos(startedAt + ms),
    attributes: serverAttributes(one),
    status: status >= 500 || status === 0 ? failed : undefined,
  };
  return [whole, ...stepsOf(one, ids).map((step) => ({ ...common, parentSpanId: spanId, ...step }))];
}

function stepsOf(one: FinishedTrace, ids: SpanIds): readonly Span[] {
  const spans: Span[] = [];
  let at = one.startedAt;
  let within: Handover[] = [];
  for (const handover of one.handovers) {
    if (!isStep(handover)) {
      within.push(handover);
      continue;
    }
    const end = at + handover.micros / 1000;
    spans.push(...spansOfStep(one, ids, handover, within, at, end));
    within = [];
    at = end;
  }
  // What came after the last step, such as a body that broke off.
  for (const handover of within) spans.push(stepOf(one, ids, handover, [], at, at + handover.micros / 1000));
  return spans;
}

/** One, or one for each attempt of a call that took several, below one of all of them. */
function spansOfStep(
  one: FinishedTrace,
  ids: SpanIds,
  handover: Handover,
  within: readonly Handover[],
  start: number,
  end: number,
): readonly Span[] {
  const { upstream } = one;
  const before = upstream !== null && isForward(handover) ? failedAttempts(within, upstream.tries - 1) : [];
  if (upstream === null || before.length === 0) return [stepOf(one, ids, handover, within, start, end)];
  const others = within.filter((inner) => !before.includes(inner));
  const all = stepOf({ ...one, upstream: null }, ids, handover, others, start, end);
  let at = start;
  const attempts = before.map((attempt, index) => {
    const begun = at;
    at = Math.min(end, at + attempt.micros / 1000);
    return attemptOf(one, upstream, attempt, index + 1, begun, at);
  });
  const last = stepOf(one, ids, handover, [], at, end);
  const spanId = attemptSpanId(one.trace, before.length + 1);
  return [all, ...[...attempts, { ...last, spanId }].map((span) => ({ ...span, parentSpanId: all["spanId"] }))];
}

function isForward({ door, step }: Handover): boolean {
  return door === "upstream" && step === "forward";
}

/** Of the last call; a policy may have made others before. */
function failedAttempts(within: readonly Handover[], count: number): readonly Handover[] {
  const attempts = within.filter(({ door, step }) => door === "upstream" && step === "attempt");
  return count <= 0 ? [] : attempts.slice(-count);
}

/** One that another followed. Where it went stands in its detail, which stays in the record. */
function attemptOf(
  { trace }: FinishedTrace,
  { name, method }: FinishedUpstream,
  handover: Handover,
  nth: number,
  start: number,
  end: number,
): Span {
  return {
    spanId: attemptSpanId(trace, nth),
    name: methodName(method),
    kind: kind.client,
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(end),
    attributes: attributesOf({
      "http.request.method": methodName(method),
      "http.request.resend_count": nth > 1 ? nth - 1 : undefined,
      "sallyport.backend": name,
      "error.type": handover.reason ?? handover.outcome,
      ...saidBy(handover),
    }),
    status: failed,
  };
}

function stepOf(
  one: FinishedTrace,
  ids: SpanIds,
  handover: Handover,
  within: readonly Handover[],
  start: number,
  end: number,
): Span {
  const { door, step, outcome } = handover;
  const isCall = isForward(handover) && one.upstream !== null;
  const upstream = isCall && one.upstream !== null ? clientAttributes(one.upstream) : {};
  const isFailed = outcome === "failed" || (isCall && (one.upstream?.status ?? 0) >= 400);
  const error = isFailed ? (handover.reason ?? String(one.upstream?.status ?? outcome)) : undefined;
  return {
    spanId: isCall ? one.trace.upstreamSpanId : ids.spanId(),
    name: isCall ? methodName(one.upstream?.method ?? "") : `${door} ${step}`,
    kind: isCall ? kind.client : kind.internal,
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(end),
    attributes: attributesOf({ ...upstream, "error.type": error, ...saidBy(handover) }),
    events: within.map((inner) => ({
      timeUnixNano: nanos(end),
      name: `${inner.door} ${inner.step}`,
      attributes: attributesOf(saidBy(inner)),
    })),
    status: isFailed ? failed : undefined,
  };
}

/** `detail` stays in the record: it has what the decision saw. */
function saidBy({ door, step, policy, outcome, reason }: Handover): Parameters<typeof attributesOf>[0] {
  return {
    "sallyport.door": door,
    "sallyport.step": step,
    "sallyport.policy": policy,
    "sallyport.outcome": outcome,
    "sallyport.reason": reason,
  };
}
