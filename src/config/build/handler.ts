import type { FastCgiHandler, FilesHandler, Handler } from "#model/handler.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { Problems } from "#notation/problems.ts";
import { mediaTypeOf } from "#lib/media-type.ts";
import type { Resources } from "#config/resources.ts";
import type { Located } from "#config/shapes/shape.ts";
import type { RespondInput } from "#config/shapes/policy-setting.ts";
import type { FastCgiInput } from "#config/table/fastcgi.ts";
import type { FilesInput } from "#config/table/files.ts";
import { type HandlerInput, handlerFields } from "#config/table/handler.ts";

const kinds = Object.keys(handlerFields) as (keyof HandlerInput)[];

/** What answers, or null when nothing is written. `owner` names the API or operation in messages. */
export function buildHandler(
  owner: string,
  input: HandlerInput,
  resources: Resources,
  problems: Problems,
): Handler | null {
  reportSeveral(owner, input, problems);
  if (input.backend !== undefined) return { kind: "proxy" };
  if (input.respond !== undefined) {
    return { kind: "answer", policy: respondPolicy(input.respond.value, resources, problems) };
  }
  if (input.redirect !== undefined) return { kind: "answer", policy: input.redirect.value };
  if (input.files !== undefined) return buildFiles(input.files.value, resources);
  if (input.fastcgi !== undefined) return buildFastCgi(input.fastcgi.value, resources);
  return null;
}

function reportSeveral(owner: string, input: HandlerInput, problems: Problems): void {
  const [first, ...more] = kinds.filter((kind) => input[kind] !== undefined);
  for (const kind of more) {
    const { at } = input[kind] as Located<unknown>;
    problems.error("handler-several", at, `${owner} has ${first} and ${kind}: one of them answers`, "keep one of them");
  }
}

function buildFiles(
  { root, cacheControl, canonical, notFound, browse, ...rest }: FilesInput,
  { folders }: Resources,
): FilesHandler {
  return {
    kind: "files",
    ...rest,
    root: (root && folders.get(root.value)) ?? "",
    cacheControl: cacheControl ?? null,
    notFound: notFound ?? null,
    ...(canonical ? {} : { canonical: false as const }),
    ...(browse ? { browse } : {}),
  };
}

function buildFastCgi(input: FastCgiInput, { folders }: Resources): FastCgiHandler {
  const { server, root, scriptRoot, fallback, env, connectTimeout, keepAlive, cacheControl, ...rest } = input;
  const folder = (root && folders.get(root.value)) ?? "";
  return {
    kind: "fastcgi",
    ...rest,
    address: server ?? { path: "" },
    root: folder,
    scriptRoot: scriptRoot ?? folder,
    fallback: fallback === "none" ? null : fallback,
    env: Object.fromEntries(env.map(({ name, value }) => [name, value])),
    connectTimeoutMs: connectTimeout,
    keep: keepAlive,
    cacheControl: cacheControl ?? null,
  };
}

function respondPolicy({ node, file }: RespondInput, resources: Resources, problems: Problems): PolicyNode {
  const { headers, body } = node.args;
  if (file !== undefined && body !== undefined) {
    problems.error("value-invalid", file.at, "respond has both body and file", "keep one of them");
  }
  const text = file === undefined ? undefined : resources.pages.get(file.value);
  const content: Argument | undefined = text === undefined ? body : { kind: "literal", value: text };
  if (content === undefined) return node;
  const type = (file && mediaTypeOf(file.value)) ?? "text/plain; charset=utf-8";
  return { ...node, args: { ...node.args, body: content, headers: withContentType(headers, type) } };
}

/** A body without a type is guessed at by browsers. */
function withContentType(headers: Argument | undefined, type: string): Argument {
  const entries = headers?.kind === "map" ? headers.entries : {};
  if (Object.keys(entries).some((name) => name.toLowerCase() === "content-type")) return { kind: "map", entries };
  return { kind: "map", entries: { ...entries, "Content-Type": { kind: "literal", value: type } } };
}
