import type { Compression } from "#model/compression.ts";
import { parseTypePattern } from "#config/checks/words.ts";
import { choice, flag } from "#config/shapes/choice.ts";
import { list } from "#config/shapes/list.ts";
import { size } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import type { Shape } from "#config/shapes/shape.ts";
import { text } from "#config/shapes/text.ts";
import { isScalar } from "yaml";

/** `off`: written as `compress: false`. */
export type CompressInput = CompressSettings | "off";

interface CompressSettings {
  readonly codings: Compression["codings"];
  readonly minSize: number;
  readonly types: readonly string[];
  readonly level: Compression["level"];
}

const mib = 1024 * 1024;

/** What gets smaller. Pictures, films and archives are compressed already. */
const defaultTypes: readonly string[] = [
  "text/*",
  "application/json",
  "application/*+json",
  "application/javascript",
  "application/xml",
  "application/*+xml",
  "application/wasm",
  "application/x-ndjson",
  "font/ttf",
  "font/otf",
  "image/svg+xml",
  "image/x-icon",
];

const wholeShape: ObjectShape<CompressSettings> = object<CompressSettings>("compress", {
  codings: {
    shape: list(choice(["zstd", "br", "gzip"]), 1),
    about: "Codings on offer, the one to prefer among equals first.",
    default: ["zstd", "br", "gzip"],
  },
  minSize: { shape: size(0, mib), about: "Shorter responses stay as they are.", default: 1024 },
  types: {
    shape: list(text("a media type", parseTypePattern), 1),
    about: "Media types that are compressed; * is any run of characters.",
    default: defaultTypes,
  },
  level: { shape: choice(["fast", "balanced", "small"]), about: "How much work it is worth.", default: "balanced" },
});

export const compressShape: Shape<CompressInput> = {
  schema: { anyOf: [flag.schema, wholeShape.schema] },
  read: (reading, slot) => {
    if (!isScalar(slot.node) || slot.node.value === null) return wholeShape.read(reading, slot);
    const on = flag.read(reading, slot);
    if (on === undefined) return undefined;
    return on ? wholeShape.empty : "off";
  },
};
