import { execFile } from "node:child_process";
import { dirname, relative, resolve, sep } from "node:path";
import { promisify } from "node:util";
import type { ReadFile } from "#config/files.ts";
import { problem } from "#cli/failure.ts";
import { SideFailure } from "./side.ts";

const run = promisify(execFile);
/** More than any file of a definition may have. */
const maxBytes = 64 * 1024 * 1024;

/**
 * Files as a revision of the git repository has them that the definition is in. Nothing is checked out.
 * @throws SideFailure when there is no such revision
 */
export async function gitFiles(revision: string, definition: string): Promise<ReadFile> {
  const folder = dirname(resolve(definition));
  const git = (...args: readonly string[]): Promise<Buffer> => runGit(folder, args);
  // What begins with a dash would be an option, and what has a colon a file.
  const isName = /^[^-:][^:]*$/.test(revision);
  const found = isName
    ? await git("rev-parse", "--verify", "--quiet", `${revision}^{commit}`).catch(asFailure)
    : undefined;
  const commit = found?.toString().trim() ?? "";
  if (!/^[0-9a-f]{40,64}$/.test(commit)) {
    const fix = "name a commit, a branch or a tag of the repository that the definition is in";
    throw new SideFailure(problem(`git has no revision ${revision} in ${folder}`, "revision-unknown", fix));
  }
  return async (path) => {
    const name = `./${relative(folder, path).replaceAll(sep, "/")}`;
    const kind = await git("cat-file", "-t", `${commit}:${name}`).catch(() => undefined);
    if (kind === undefined) throw Object.assign(new Error("not in that revision"), { code: "ENOENT" });
    if (kind.toString().trim() === "tree") throw Object.assign(new Error("a folder"), { code: "EISDIR" });
    return git("cat-file", "blob", `${commit}:${name}`);
  };
}

async function runGit(folder: string, args: readonly string[]): Promise<Buffer> {
  const options = { cwd: folder, maxBuffer: maxBytes, encoding: "buffer" as const, timeout: 30_000 };
  return (await run("git", [...args], options)).stdout;
}

function asFailure(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") return undefined;
  throw new SideFailure(problem("git cannot be run here", "git-missing", "install git, or compare files: --against"));
}
