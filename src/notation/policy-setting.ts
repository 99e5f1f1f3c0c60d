import { isScalar } from "yaml";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { PolicySpec } from "./catalogue/spec.ts";
import { readArgument } from "./policies/argument.ts";
import { readNamed } from "./policies/arguments.ts";
import { hideSecrets } from "./policies/hide-secrets.ts";
import type { PolicyPlace, PolicyReading } from "./policies/policy-reading.ts";
import { readSequence } from "./policies/sequence.ts";
import { readEntries } from "./yaml/collections.ts";
import type { Slot, SlotEntry } from "./yaml/slot.ts";

export interface PolicySetting {
  readonly node: PolicyNode;
  /** Entries that belong to the setting and not to the policy. */
  readonly besides: ReadonlyMap<string, SlotEntry>;
}

const place: PolicyPlace = {
  descent: { readSequence, readArgument },
  section: "backend",
  scope: "operation",
  inside: null,
  only: null,
  seen: new Set(),
  depth: 0,
};

/**
 * Reads a setting that is one policy under a name of its own: `respond: { status: 204 }` for `return-response`.
 * @param setting its name in messages
 * @param besides names of entries that the setting has beside the policy's arguments
 */
export function readPolicySetting(
  reading: PolicyReading,
  slot: Slot,
  spec: PolicySpec,
  setting: string,
  besides: readonly string[],
): PolicySetting | undefined {
  const entries = writtenEntries(reading, slot, spec, setting);
  if (entries === undefined) return undefined;
  const before = reading.problems.errorCount;
  const own = entries.filter(({ key }) => !besides.includes(key));
  const args = Object.fromEntries(readNamed(reading, setting, spec.args, own, slot.at, place));
  const wrong = reading.problems.errorCount === before ? spec.check?.(args) : undefined;
  if (wrong !== undefined) {
    const at = own.find(({ key }) => key === wrong.argument)?.slot.at ?? slot.at;
    const message = hideSecrets(wrong.message, Object.values(args));
    reading.problems.error("argument-invalid", at, `${setting}.${wrong.argument}: ${message}`);
  }
  const rest = entries.filter((entry) => !own.includes(entry)).map((entry) => [entry.key, entry] as const);
  return { node: { name: spec.name, at: slot.at, args }, besides: new Map(rest) };
}

function writtenEntries(
  reading: PolicyReading,
  slot: Slot,
  { shorthand }: PolicySpec,
  setting: string,
): readonly SlotEntry[] | undefined {
  if (shorthand !== undefined && isScalar(slot.node) && slot.node.value !== null) {
    return [{ key: shorthand, at: slot.at, slot }];
  }
  return readEntries(reading, slot, `a map with the settings of ${setting}`);
}
