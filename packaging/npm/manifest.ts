export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

interface LockEntry {
  readonly dev?: boolean;
  readonly [field: string]: unknown;
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
  readonly [field: string]: unknown;
}

/** Of the checkout alone: scripts, what tests need, names of rooms, and the word that keeps the checkout itself from being published. */
const ofTheCheckout: ReadonlySet<string> = new Set(["private", "scripts", "devDependencies", "files", "imports"]);

/** The manifest of the package. */
export function packageManifest(manifest: Manifest): Manifest {
  return Object.fromEntries(Object.entries(manifest).filter(([field]) => !ofTheCheckout.has(field))) as Manifest;
}

/**
 * The lock file of the package: whoever installs it gets the very versions, by digest, that the tests have run with, and
 * not the newest of what dependencies ask for.
 */
export function packageLock(lock: Lock, manifest: Manifest): Lock {
  const { devDependencies: _, ...top } = lock.packages[""] ?? {};
  const entries = Object.entries(lock.packages).filter(([path, { dev }]) => path !== "" && dev !== true);
  return {
    ...lock,
    name: manifest.name,
    version: manifest.version,
    packages: { "": top, ...Object.fromEntries(entries) },
  };
}
