/** What a backup holds: its last entry, so that one that was cut off has none. */
export interface Manifest {
  readonly format: "sallyport-backup";
  readonly version: 1;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  /** Version of the program. */
  readonly program: string;
  readonly node: string;
  /** Names of the key-encryption keys that its secrets open with; empty: nothing in it is sealed. */
  readonly keyEncryptionKeys: readonly string[];
  readonly audit: boolean;
  readonly files: readonly ManifestFile[];
  /** Null: the folder knows of none. */
  readonly definition: ManifestDefinition | null;
}

/** The configuration that was in force, as people wrote it: what names secrets, and no secret. */
export interface ManifestDefinition {
  /** Name of the definition itself. */
  readonly file: string;
  readonly environment: string;
  /** What the record calls it. */
  readonly configHash: string;
  readonly files: readonly ManifestFile[];
}

export interface ManifestFile {
  /** Below the data folder, or that of the definition, with `/`. */
  readonly path: string;
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
}

export const manifestName = "manifest.json";
/** Of the names of files in the archive. */
export const prefix = "data/";
export const definitionPrefix = "definition/";
const maxPath = 1000;

/** What a backup is, without the list of its files: for scripts. */
export function factsOf({ files, definition, ...facts }: Manifest): object {
  const told = definition === null ? null : { ...definition, files: definition.files.length };
  return { files: files.length, ...facts, definition: told };
}

/** Null when the text is no manifest of a version that is known. */
export function readManifest(text: string): Manifest | null {
  try {
    const manifest = JSON.parse(text) as Manifest;
    const { definition = null, files } = manifest;
    const isKnown = manifest.format === "sallyport-backup" && manifest.version === 1;
    const isSound = [...files, ...(definition?.files ?? [])].every(isFile) && Array.isArray(manifest.keyEncryptionKeys);
    return isKnown && isSound ? { ...manifest, definition } : null;
  } catch {
    return null;
  }
}

/** A path in an archive is anybody's word: none may lead out of the folder. */
export function isSafePath(path: string): boolean {
  if (path.length > maxPath || /[\\:\p{Cc}]/u.test(path)) return false;
  const [top = "", ...rest] = path.split("/");
  return isName(top) && !top.startsWith(".") && rest.every(isName);
}

function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== "..";
}

function isFile({ path, size, sha256 }: ManifestFile): boolean {
  return isSafePath(path) && Number.isSafeInteger(size) && /^[0-9a-f]{64}$/.test(sha256);
}
