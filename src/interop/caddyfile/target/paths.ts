import { isAbsolute, resolve } from "node:path";

/** Keys whose text names a file or a folder. */
const pathKeys: ReadonlySet<string> = new Set(["root", "certificate", "ca", "file"]);

/**
 * Names of files in a Caddyfile are relative to where it is read; those of a definition to its own folder.
 * @param own files that lie beside the definition
 */
export function withAbsolutePaths(value: unknown, folder: string, own: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => withAbsolutePaths(one, folder, own));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      pathKeys.has(key) ? placed(one, folder, own) : withAbsolutePaths(one, folder, own),
    ]),
  );
}

function placed(value: unknown, folder: string, own: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => placed(one, folder, own));
  if (typeof value !== "string" || value === "" || isAbsolute(value) || own.has(value)) return value;
  return resolve(folder, value);
}
