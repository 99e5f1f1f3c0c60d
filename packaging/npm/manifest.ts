export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly imports: Readonly<Record<string, string>>;
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

/** Of the checkout alone: scripts, what tests need, and the word that keeps the checkout itself from being published. */
const ofTheCheckout: ReadonlySet<string> = new Set(["private", "scripts", "devDependencies", "files"]);

/** The manifest of the package, whose modules stand in `dist` instead of `src`. */
export function packageManifest(manifest: Manifest): Manifest {
  const rooms = Object.entries(manifest.imports).filter(([, path]) => path.startsWith("./src/"));
  const imports = Object.fromEntries(rooms.map(([name, path]) => [name, path.replace("./src/", "./dist/")]));
  const kept = Object.entries(manifest).filter(([field]) => !ofTheCheckout.has(field));
  return { ...(Object.fromEntries(kept) as Manifest), imports };
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
