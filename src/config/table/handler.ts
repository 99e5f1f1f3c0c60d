import type { PolicyNode } from "#model/policy-tree.ts";
import type { OpenField } from "#config/shapes/object.ts";
import { type RespondInput, redirectShape, respondShape } from "#config/shapes/policy-setting.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { type FastCgiInput, fastCgiShape } from "./fastcgi.ts";
import { type FilesInput, filesShape } from "./files.ts";
import { anyText } from "#config/shapes/text.ts";

/** What answers the requests of an API or an operation: at most one of these is written. */
export interface HandlerInput {
  readonly backend: Located<string> | undefined;
  readonly respond: Located<RespondInput> | undefined;
  readonly redirect: Located<PolicyNode> | undefined;
  readonly files: Located<FilesInput> | undefined;
  readonly fastcgi: Located<FastCgiInput> | undefined;
}

export const handlerFields: { readonly [K in keyof HandlerInput]: OpenField<Exclude<HandlerInput[K], undefined>> } = {
  backend: { shape: located(anyText), about: "Backend that requests go to, unless a policy chooses another." },
  respond: {
    shape: located(respondShape),
    about: "A static answer instead of a backend: status, headers, body or file.",
  },
  redirect: { shape: located(redirectShape), about: "Sends the client elsewhere instead of to a backend." },
  files: { shape: located(filesShape), about: "A folder of files instead of a backend." },
  fastcgi: { shape: located(fastCgiShape), about: "A folder of scripts that a FastCGI server (PHP-FPM) runs." },
};
