import type { ControlEvent } from "#model/control-events.ts";
import type { Definition } from "#model/definition.ts";

/**
 * What the record is told of the exceptions of a definition that comes in force. Not what they say: the history has the
 * texts, and the record is for more eyes.
 */
export function exceptionEvents({ exceptions = [] }: Pick<Definition, "exceptions">): readonly ControlEvent[] {
  return exceptions.map(({ name, place, reason, approvedBy, until }) => ({
    event: "exception.applied",
    details: { exception: name, place, reason, approvedBy, until },
  }));
}
