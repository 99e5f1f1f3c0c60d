import type { PolicyNode } from "#model/policy-tree.ts";
import { redirect } from "#notation/catalogue/redirect.ts";
import { returnResponse } from "#notation/catalogue/responses.ts";
import { readPolicySetting } from "#notation/policy-setting.ts";
import { argumentMapSchema } from "#config/argument-schema.ts";
import { type Located, located, type Shape } from "./shape.ts";
import { anyText } from "./text.ts";

/** A static answer: `return-response`, or one whose body is a file. */
export interface RespondInput {
  readonly node: PolicyNode;
  readonly file: Located<string> | undefined;
}

const file = located(anyText);
const respondMap = argumentMapSchema(returnResponse.args);
const fileSchema = { ...anyText.schema, description: "File with the body (UTF-8), beside this one." };

export const respondShape: Shape<RespondInput> = {
  schema: { ...respondMap, properties: { ...(respondMap["properties"] as object), file: fileSchema } },
  read: (reading, slot) => {
    const read = readPolicySetting(reading, slot, returnResponse, "respond", ["file"]);
    const entry = read?.besides.get("file");
    return read && { node: read.node, file: entry && file.read(reading, entry.slot) };
  },
};

export const redirectShape: Shape<PolicyNode> = {
  schema: { $ref: "#/$defs/policy-redirect" },
  read: (reading, slot) => readPolicySetting(reading, slot, redirect, "redirect", [])?.node,
};
