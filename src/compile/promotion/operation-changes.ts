import { type Finding, when } from "./finding.ts";
import { accessChanges } from "./access-changes.ts";
import { chainChanges } from "./chain-changes.ts";
import type { Served, ServedOperation } from "./served.ts";

/** What becomes of operations, one by one. */
export function operationChanges(before: Served, after: Served): readonly Finding[] {
  const subjects = new Set([...before.operations.keys(), ...after.operations.keys()]);
  return [...subjects].flatMap((subject) => changesOf(before.operations.get(subject), after.operations.get(subject)));
}

function changesOf(before: ServedOperation | undefined, after: ServedOperation | undefined): readonly Finding[] {
  if (before === undefined) return after === undefined ? [] : added(after);
  const { subject } = before;
  if (after === undefined)
    return [{ code: "operation-removed", what: `${before.address} is not there any more`, subject }];
  const moved: readonly Finding[] =
    before.address === after.address
      ? []
      : [{ code: "path-changed", what: `was ${before.address} and is ${after.address}`, subject }];
  return [
    ...moved,
    ...accessChanges(before, after),
    ...chainChanges(before, after),
    ...when(
      !before.isMaintained && after.isMaintained,
      "access-narrowed",
      subject,
      "answers 503: it is in maintenance",
    ),
    ...sizeChanges(before, after),
    ...backendChanges(before, after),
  ];
}

function added({ subject, address, access }: ServedOperation): readonly Finding[] {
  const isNew: Finding = { code: "operation-added", what: `${address} is new`, subject };
  return access.public
    ? [{ code: "made-public", what: `${address} is new, and anybody may call it`, subject }]
    : [isNew];
}

function sizeChanges(before: ServedOperation, after: ServedOperation): readonly Finding[] {
  const { subject } = after;
  if (before.bodyBytes === after.bodyBytes) return [];
  const code = after.bodyBytes > before.bodyBytes ? "limit-looser" : "limit-tighter";
  return [{ code, what: `request bodies may have ${after.bodyBytes} bytes instead of ${before.bodyBytes}`, subject }];
}

function backendChanges(before: ServedOperation, after: ServedOperation): readonly Finding[] {
  const what = `goes to ${backendOf(after)} instead of ${backendOf(before)}`;
  return when(before.backend !== after.backend, "backend-moved", after.subject, what);
}

function backendOf({ backend }: ServedOperation): string {
  return backend === null ? "no backend" : `backend ${backend}`;
}
