import { mediaTypeOf } from "#lib/media-type.ts";
import { type Coding, chooseCoding } from "./accept-encoding.ts";
import type { Validators } from "./conditions.ts";
import type { FileSearch, FoundFile } from "./find-file.ts";
import { closeFile, type OpenFile } from "./open-file.ts";

/** One form of a file: as it is, or as it lies beside it in compressed form. */
export interface Representation extends Validators {
  readonly file: OpenFile;
  readonly type: string;
  readonly coding: Coding | null;
}

const extensions: Readonly<Record<Coding, string>> = { zstd: "zst", br: "br", gzip: "gz" };

/** The form that the client likes best among those that are there. Closes what is not chosen. */
export async function chooseRepresentation(
  found: FoundFile,
  offered: readonly Coding[],
  acceptEncoding: string | undefined,
  search: FileSearch,
): Promise<Representation> {
  const type = mediaTypeOf(found.name) ?? "application/octet-stream";
  let left = offered;
  for (;;) {
    const coding = chooseCoding(acceptEncoding, left);
    if (coding === null) return represent(found.file, type, null);
    const variant = await search.open(besides(found, coding));
    if (typeof variant !== "string") {
      await closeFile(found.file);
      return represent(variant.file, type, coding);
    }
    left = left.filter((one) => one !== coding);
  }
}

function besides({ path }: FoundFile, coding: Coding): FoundFile["path"] {
  const names = [...path.names];
  names.push(`${names.pop() ?? ""}.${extensions[coding]}`);
  return { names, folder: false };
}

/** Strong: nanoseconds and size; forms that were written at one time still differ. RFC 9110 §8.8.3 */
function represent(file: OpenFile, type: string, coding: Coding | null): Representation {
  const suffix = coding === null ? "" : `-${extensions[coding]}`;
  const etag = `"${file.modifiedNs.toString(36)}-${file.size.toString(36)}${suffix}"`;
  return { file, type, coding, etag, modified: Number(file.modifiedNs / 1_000_000_000n) };
}
