import { dueAt, type Rotation, rotationStage } from "#model/rotation.ts";
import type { HeldKey } from "#storage/key-store.ts";

const dayMs = 86_400_000;

/** What a schedule asks for; `retire`: if there is a younger key. */
export type KeyJudgement =
  | { readonly act: "none" | "forget" }
  | { readonly act: "tell"; readonly stage: "noticed" | "due" | "ending"; readonly dueAt?: number }
  | { readonly act: "retire"; readonly dueAt: number; readonly until: number };

const none: KeyJudgement = { act: "none" };

/**
 * What is to be done about a key now. The youngest key of a subscription never ends by a schedule, however old it is:
 * nobody could call any more. What the definition declares is changed there.
 * @param rotation undefined: there is no schedule
 * @param younger the youngest other key in a slot of the subscription was made later than this one
 */
export function judgeKey(key: HeldKey, rotation: Rotation | undefined, younger: boolean, now: number): KeyJudgement {
  if (key.state !== "active") return none;
  if (key.old !== null) return endsSoon(key, now) ? { act: "tell", stage: "ending" } : none;
  const stage = rotation === undefined ? "young" : rotationStage(key.madeAt, rotation, now);
  if (rotation === undefined || stage === "young") return key.told === null ? none : { act: "forget" };
  const due = dueAt(key.madeAt, rotation);
  if (stage === "due" && younger && key.source === "created") {
    return { act: "retire", dueAt: due, until: now + rotation.grace };
  }
  const wasTold = key.told === stage || (key.told === "due" && stage === "noticed");
  return wasTold ? none : { act: "tell", stage, dueAt: due };
}

/** In its last three days, or the last half of a shorter time, and was used within the time since it is an old one. */
function endsSoon({ old, usedAt, told }: HeldKey, now: number): boolean {
  if (old === null || usedAt === null || told === "ending") return false;
  return usedAt > old.since && now >= old.until - Math.min(3 * dayMs, (old.until - old.since) / 2) && now < old.until;
}

export function hasYounger(key: HeldKey, others: readonly HeldKey[]): boolean {
  return others.some(({ old, madeAt }) => old === null && madeAt > key.madeAt);
}
