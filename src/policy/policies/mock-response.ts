import { Buffer } from "node:buffer";
import { STATUS_CODES } from "#lib/node-http.ts";
import type { Answer } from "#model/decision.ts";
import type { ResponseExample } from "#model/definition.ts";
import { HeaderList } from "#model/header-list.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalNumber, literalText } from "#policy/arguments.ts";
import type { Run } from "#policy/context.ts";

/** An operation without a fitting example gives an empty body. */
export function link(node: PolicyNode): Run {
  const status = literalNumber(node, "statusCode");
  const contentType = literalText(node, "contentType");
  const index = literalNumber(node, "index");
  return (exchange): Answer => {
    const fitting = (exchange.route?.examples ?? []).filter((example) => fits(example, status, contentType));
    const example = fitting[index];
    const type = example?.contentType ?? contentType;
    return {
      kind: "answer",
      status,
      statusText: STATUS_CODES[status] ?? "",
      headers: new HeaderList(type === undefined ? [] : ["Content-Type", type]),
      body: example === undefined ? null : Buffer.from(example.body, "utf8"),
    };
  };
}

function fits(example: ResponseExample, status: number, contentType: string | undefined): boolean {
  return (
    example.status === status && (contentType === undefined || essence(example.contentType) === essence(contentType))
  );
}

/** The media type without its parameters. */
function essence(contentType: string): string {
  return (contentType.split(";", 1)[0] as string).trim().toLowerCase();
}
