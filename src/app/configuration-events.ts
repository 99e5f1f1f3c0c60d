import { changedPlaces } from "#admin/configuration/changed-places.ts";
import type { ChangeOutcome, ReloadOutcome, RunningConfiguration } from "#admin/configuration/port.ts";
import type { ControlEvent } from "#model/control-events.ts";

type Action = "apply" | "rollback" | "reload" | "start";

/** Undefined: nothing was done, and nothing refused. */
export function changeEvent(
  outcome: ChangeOutcome,
  action: "apply" | "rollback",
  comment: string,
  before: RunningConfiguration,
  after: RunningConfiguration,
): ControlEvent | undefined {
  if (outcome.kind === "unchanged") return undefined;
  if (outcome.kind === "applied") return appliedEvent(action, "admin", comment, before, after);
  return {
    event: "configuration.rejected",
    details: { action, source: "admin", comment, outcome: outcome.kind, problems: problemsOf(outcome) },
  };
}

/** @param why what made the gateway read its files */
export function reloadEvent(
  outcome: ReloadOutcome,
  why: string,
  before: RunningConfiguration,
  after: RunningConfiguration,
): ControlEvent | undefined {
  if (outcome.kind !== "reloaded") {
    const problems = problemsOf(outcome);
    return {
      event: "configuration.rejected",
      details: { action: "reload", source: why, outcome: outcome.kind, problems },
    };
  }
  // A file that was only touched, or values that are what they were.
  if (before.entry.id === after.entry.id) return undefined;
  return appliedEvent("reload", why, "", before, after);
}

/** Of a start with another configuration than the one that was in force last. */
export function startEvent(before: RunningConfiguration, after: RunningConfiguration): ControlEvent {
  return appliedEvent(
    "start",
    "files that were changed, or an environment chosen, while the gateway was stopped",
    "",
    before,
    after,
  );
}

function appliedEvent(
  action: Action,
  source: string,
  comment: string,
  before: RunningConfiguration,
  after: RunningConfiguration,
): ControlEvent {
  return {
    event: action === "rollback" ? "configuration.rolled-back" : "configuration.applied",
    details: {
      action,
      source,
      comment,
      entry: after.entry.id,
      from: after.entry.from,
      before: before.entry.id,
      hash: after.entry.hash,
      hashBefore: before.entry.hash,
      configHashBefore: before.entry.configHash,
      changes: changedPlaces(before.bundle, after.bundle, after.definition),
    },
  };
}

function problemsOf(outcome: ChangeOutcome | ReloadOutcome): readonly string[] {
  if (outcome.kind === "invalid") return outcome.diagnostics.map(({ code, at }) => `${code} at line ${at.line}`);
  return outcome.kind === "drift" ? outcome.files : [];
}
