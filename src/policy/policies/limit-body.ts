import { refuse } from "#model/decision.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalNumber } from "#policy/arguments.ts";
import type { Run } from "#policy/context.ts";

/** A length that was declared is refused before a byte is read. */
export function link(node: PolicyNode): Run {
  const limit = literalNumber(node, "size");
  return ({ facts: { body } }) => {
    if (body === null) return undefined;
    body.setLimit?.(limit);
    const isTooLarge = body.length !== undefined && body.length > limit;
    return isTooLarge
      ? refuse("body-too-large", { detail: `${body.length} bytes declared, limit ${limit}` })
      : undefined;
  };
}
