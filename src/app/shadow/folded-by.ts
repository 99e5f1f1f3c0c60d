import type { ShadowDifference } from "#model/shadow.ts";

/**
 * What differences are added up by. Two statuses are one of a kind: where an operation is missing here, and where it
 * fails here, are two things to repair.
 */
export function foldedBy({
  api,
  operation,
  kind,
  place,
  old,
  fresh,
}: Pick<ShadowDifference, "api" | "operation" | "kind" | "place" | "old" | "fresh">): string {
  return JSON.stringify([api, operation, kind, kind === "status" ? [old, fresh] : place]);
}
