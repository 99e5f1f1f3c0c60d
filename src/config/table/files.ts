import type { FilesHandler } from "#model/handler.ts";
import { parseCandidate, parseFileName, parsePattern, parseSitePage } from "#config/checks/files.ts";
import { parseFieldValue } from "#config/checks/words.ts";
import { choice, flag } from "#config/shapes/choice.ts";
import { list, oneOrMore } from "#config/shapes/list.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Located, located, type Shape } from "#config/shapes/shape.ts";
import { short } from "#config/shapes/short.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface FilesInput {
  readonly root: Located<string> | undefined;
  readonly index: readonly string[];
  readonly tryFiles: readonly string[];
  readonly precompressed: FilesHandler["precompressed"];
  readonly hide: readonly string[];
  readonly cacheControl: string | undefined;
  readonly canonical: boolean;
  readonly notFound: string | undefined;
  readonly browse: boolean;
}

const root = located(anyText);

const wholeShape: ObjectShape<FilesInput> = object<FilesInput>("files", {
  root: { shape: root, about: "Folder, beside this file.", required: true },
  index: {
    shape: oneOrMore(text("the name of a file", parseFileName)),
    about: "Names to look for in a folder.",
    default: ["index.html"],
  },
  tryFiles: {
    shape: oneOrMore(text("a path to try", parseCandidate)),
    about: "Paths to try in order, {path} being the request's; the request's own when absent.",
    default: [],
  },
  precompressed: {
    shape: list(choice(["zstd", "br", "gzip"])),
    about: "Compressed forms that may lie beside a file (.zst, .br, .gz), the one to prefer first.",
    default: [],
  },
  hide: {
    shape: oneOrMore(text("a name or path", parsePattern)),
    about: "Names (* is any run of characters) or paths that are not served; those that start with a dot never are.",
    default: [],
  },
  cacheControl: {
    shape: text("the value of a header field", parseFieldValue),
    about: "Cache-Control of what is found.",
  },
  canonical: { shape: flag, about: "false: a folder without its slash is not redirected to it.", default: true },
  notFound: { shape: text("a path", parseSitePage), about: "Page that goes with 404, such as /404.html." },
  browse: { shape: flag, about: "A folder without an index is listed, as a page or as JSON.", default: false },
});

export const filesShape: Shape<FilesInput> = short(wholeShape, "root", root);
