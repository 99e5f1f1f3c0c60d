import type { SourcePosition } from "#model/diagnostic.ts";
import type { PolicySpec } from "#notation/catalogue/spec.ts";
import type { Problems } from "#notation/problems.ts";
import type { Place } from "./place.ts";

/** Reports a policy where it must not stand. */
export function checkPlace(problems: Problems, spec: PolicySpec, at: SourcePosition, place: Place): void {
  const { name } = spec;
  const misplaced = (where: string, fix: string): void =>
    problems.error("policy-misplaced", at, `${name} cannot stand ${where}`, fix);
  if (place.only !== null) {
    if (!place.only.includes(name)) misplaced(`inside ${place.inside}`, `allowed there: ${place.only.join(", ")}`);
  } else if (spec.inside !== undefined) {
    misplaced("by itself", `allowed inside ${spec.inside.join(", ")}`);
  } else if (place.section !== null && !spec.sections.includes(place.section)) {
    misplaced(`in ${place.section}`, `allowed in ${spec.sections.join(", ")}`);
  } else if (place.scope !== null && !spec.scopes.includes(place.scope)) {
    misplaced(`in the ${place.scope} scope`, `allowed in the scopes ${spec.scopes.join(", ")}`);
  } else if (spec.once === true && place.seen.has(name)) {
    problems.error(
      "policy-repeated",
      at,
      `${name} may stand once in ${place.section ?? "a section"}`,
      "keep one of them",
    );
  }
}
