import type { AdminCall } from "#admin/call.ts";
import type { Candidate } from "#admin/configuration/port.ts";
import { type AdminRefusal, refusal } from "#admin/result.ts";

/** The files of a body: the definition alone as YAML, or several by name as JSON. */
export function readCandidate(
  { contentType, body }: Pick<AdminCall, "contentType" | "body">,
  definition: string,
): Candidate | AdminRefusal {
  if (contentType === "application/yaml") return new Map([[definition, body]]);
  const files = filesOf(body);
  if (files !== undefined) return files;
  const detail = 'the body is not {"files": {"name": "text", …}}';
  return refusal("malformed-request", { message: `The request is malformed: ${detail}.`, detail });
}

function filesOf(body: string): Candidate | undefined {
  const value = parse(body);
  if (!isObject(value) || Object.keys(value).join() !== "files" || !isObject(value["files"])) return undefined;
  const files = Object.entries(value["files"]);
  return files.every((file): file is [string, string] => typeof file[1] === "string") ? new Map(files) : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
