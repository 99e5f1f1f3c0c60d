/** A file of tests, its path from the root of the project. */
export interface TestFile {
  readonly path: string;
  readonly text: string;
}

/** So many files share a process: few enough that both cores have something to do to the end. */
const perGroup = 12;

/** What a process has once, and a test could change for the files behind it, or find changed. */
const ofTheProcess = [
  /\bprocess\.(?!nextTick|hrtime|memoryUsage|platform|pid|execPath|version)/,
  /\bglobalThis\b/,
  /\bmock\./,
  /node:(child_process|worker_threads|cluster|v8|vm|inspector)"/,
  // Hooks for every test of the process, not of this file alone.
  /^(before|after|beforeEach|afterEach)\(/m,
];

/** May its tests run in one process with those of others? */
export function isShareable({ path, text }: TestFile): boolean {
  return path.startsWith("src/") && !ofTheProcess.some((one) => one.test(text));
}

/** Files that run in one process each, by folder; what stands alone is a group of its own. */
export function groupsOf(files: readonly TestFile[]): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let open: { readonly room: string; readonly paths: string[] } | null = null;
  for (const file of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const room = file.path.split("/")[1] ?? "";
    if (!isShareable(file)) groups.push([file.path]);
    else if (open !== null && open.room === room && open.paths.length < perGroup) open.paths.push(file.path);
    else {
      open = { room, paths: [file.path] };
      groups.push(open.paths);
    }
  }
  return groups;
}
