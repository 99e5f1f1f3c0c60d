import type { FastCgiAddress, FilesHandler } from "#model/handler.ts";
import { parseExtension, parseFastCgiAddress } from "#config/checks/fastcgi.ts";
import { parseFileName, parsePattern, parseSitePage } from "#config/checks/files.ts";
import { parseFieldValue } from "#config/checks/words.ts";
import { choice } from "#config/shapes/choice.ts";
import { list, oneOrMore } from "#config/shapes/list.ts";
import { duration, integer } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Named, record } from "#config/shapes/record.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface FastCgiInput {
  readonly server: FastCgiAddress | undefined;
  readonly root: Located<string> | undefined;
  readonly scriptRoot: string | undefined;
  readonly index: string;
  readonly fallback: string;
  readonly extensions: readonly string[];
  readonly hide: readonly string[];
  readonly precompressed: FilesHandler["precompressed"];
  readonly cacheControl: string | undefined;
  readonly env: readonly Named<string>[];
  readonly connectTimeout: number;
  readonly maxConnections: number;
  readonly keepAlive: number;
}

export const fastCgiShape: ObjectShape<FastCgiInput> = object<FastCgiInput>("fastcgi", {
  server: {
    shape: text("the address of a FastCGI server", parseFastCgiAddress),
    about: "unix:/run/php/php-fpm.sock, or host:port.",
    required: true,
  },
  root: { shape: located(anyText), about: "Folder with the scripts, beside this file.", required: true },
  scriptRoot: { shape: anyText, about: "The same folder as the server sees it; root when absent." },
  index: {
    shape: text("the name of a file", parseFileName),
    about: "Script that answers for its folder.",
    default: "index.php",
  },
  fallback: {
    shape: text("a path, or none", (value) => (value === "none" ? { value } : parseSitePage(value))),
    about: "Script that answers for what is neither a script nor a file; none for 404.",
    default: "/index.php",
  },
  extensions: {
    shape: oneOrMore(text("an extension", parseExtension)),
    about: "How the names of scripts end; such files are never served as they are.",
    default: [".php"],
  },
  hide: {
    shape: oneOrMore(text("a name or path", parsePattern)),
    about: "Names (* is any run of characters) or paths that are not served; those that start with a dot never are.",
    default: [],
  },
  precompressed: {
    shape: list(choice(["zstd", "br", "gzip"])),
    about: "Compressed forms that may lie beside a file, the one to prefer first.",
    default: [],
  },
  cacheControl: { shape: text("the value of a header field", parseFieldValue), about: "Cache-Control of files." },
  env: {
    shape: record("variables", anyText, { pattern: "^[A-Za-z_][A-Za-z0-9_]{0,79}$", fix: "use letters, digits and _" }),
    about: "Further variables for the scripts.",
    default: [],
  },
  connectTimeout: { shape: duration(10, 60_000), about: "Time to connect.", default: 3000 },
  maxConnections: { shape: integer(1, 4096), about: "Connections per worker.", default: 64 },
  keepAlive: {
    shape: integer(0, 4096),
    about: "Idle connections per worker; PHP-FPM gives a process of its own to each.",
    default: 0,
  },
});
