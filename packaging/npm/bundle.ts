import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..", "..");
const source = join(root, "src");
const commandLine = join(source, "cli", "main.ts");

/** What a library expects to find when it is read: shared files may name the library before those that prepare it. */
const preparation = join(source, "edge", "reflect-metadata.ts");

/** The address of another file: a thread's first one, one that is read when it is needed, or one of the package. */
const addresses = /\bnew URL\("([^"]+)", import\.meta\.url\)/g;

export interface BundleOptions {
  /** Written when it is not there. */
  readonly folder: string;
  /** Where the package's other files are. Default: the folder that `folder` is in. */
  readonly home?: string;
}

/**
 * Writes the program as few files of JavaScript: `main.js` for the command line with what its commands share, and one for
 * each thread with all that it reads, since every file that a thread has to find takes it time. Reading a thousand modules
 * one by one is two thirds of a start; these take a third of the time. What is not ours stays in packages of its own, with
 * its licence.
 */
export async function bundle({ folder, home = dirname(folder) }: BundleOptions): Promise<void> {
  const plugin = addressing(folder, home);
  await write(folder, plugin, [commandLine, preparation], true);
  for (const thread of addressed()) await write(folder, plugin, [thread], false);
}

async function write(folder: string, plugin: Plugin, files: readonly string[], splitting: boolean): Promise<void> {
  await build({
    entryPoints: Object.fromEntries(files.map((file) => [nameOf(file), file])),
    outdir: folder,
    absWorkingDir: root,
    bundle: true,
    splitting,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node26",
    charset: "utf8",
    banner: { js: `import "./${nameOf(preparation)}.js";` },
    legalComments: "inline",
    sourcemap: "linked",
    sourcesContent: false,
    logLevel: "silent",
    plugins: [plugin],
  });
}

/** Files that others name by their address. */
function addressed(): readonly string[] {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !/\.test(-helper)?\.ts$/.test(path))
    .map((path) => join(source, path));
  const found = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(addresses)].map(([, address]) => resolve(dirname(file), address as string)),
  );
  return [...new Set(found.filter((file) => file.startsWith(source)))];
}

/** `src/app/definition/thread.ts` → `app-definition-thread`. */
function nameOf(file: string): string {
  if (file === commandLine) return "main";
  return relative(source, file).replace(/\.ts$/, "").replaceAll(/[\\/]/g, "-");
}

/** A module's code comes to stand in another file than its own: what it names by its place is to be found from there. */
function addressing(folder: string, home: string): Plugin {
  const placeOf = (file: string): string =>
    file.startsWith(source) ? `./${nameOf(file)}.js` : relative(folder, join(home, relative(root, file)));
  return {
    name: "addressing",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const contents = readFileSync(path, "utf8").replaceAll(addresses, (_, address: string) => {
          const place = placeOf(resolve(dirname(path), address)).replaceAll("\\", "/");
          return `new URL(${JSON.stringify(place)}, import.meta.url)`;
        });
        return { contents, loader: "ts" };
      });
    },
  };
}
