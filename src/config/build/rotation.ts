import type { Rotation } from "#model/rotation.ts";
import type { Problems } from "#notation/problems.ts";
import { formatDuration } from "#notation/units.ts";
import type { Located } from "#config/shapes/shape.ts";
import type { RotationInput } from "#config/table/rotation.ts";

const dayMs = 86_400_000;

/**
 * For an entry of the definition: nothing where none is written. A period that is not shorter than `every` would have
 * people told, or old ones go on, without end.
 */
export function buildRotation(input: RotationInput | undefined, problems: Problems): { readonly rotation?: Rotation } {
  if (input?.every === undefined) return {};
  const every = input.every.value;
  const usual = Math.min(14 * dayMs, Math.floor(every / 4));
  const shorter = (name: string, written: Located<number> | undefined): number => {
    if (written === undefined) return usual;
    if (written.value >= every) {
      const message = `${name} of ${formatDuration(written.value)} is not shorter than every of ${formatDuration(every)}`;
      const fix = `write a shorter one, or leave it out: ${formatDuration(usual)}`;
      problems.error("rotation-invalid", written.at, message, fix);
    }
    return written.value;
  };
  return { rotation: { every, grace: shorter("grace", input.grace), notice: shorter("notice", input.notice) } };
}
