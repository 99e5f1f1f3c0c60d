import { type ErrorCode, GatewayError } from "#model/errors.ts";

/** What a person can do about failures that are theirs to repair. */
const fixes: Partial<Readonly<Record<ErrorCode, string>>> = {
  "port-in-use": "end the process that has it, or choose another address in edge.listen",
  "store-unavailable":
    "see that the file or folder is there, that this user may read and write it, and that the disk has room",
  "backup-damaged": "take another copy of it, or an older backup: nothing was changed",
  "data-not-empty":
    "name an empty folder with --data; or stop the gateway and add --force, which keeps what is there aside",
  "restore-differs":
    "name an empty folder with --definition; or add --force, which keeps what is there beside it, under another name",
  "seal-broken": "restore that file from a backup of the same folder; nothing was changed",
  "seal-key-missing":
    "name where the key-encryption key is: --kek file:/path, env:NAME, credential:NAME or key-vault:URL",
  "seal-key-wrong":
    "give the key that the folder was sealed under, beside the new one if there is one: nothing in the folder was changed",
  "data-locked": "end that gateway first, or choose another folder with --data",
};

/** For a person: what failed, its stable code and what to do; a stack only for what nobody foresaw. */
export function describeFailure(error: unknown): string {
  if (error instanceof GatewayError) return problem(error.message, error.code, fixes[error.code]);
  if (isOfFile(error)) {
    const fix = "name a file or folder that is there, and that this user may read and write";
    return problem(`${error.path} cannot be used: ${error.code} (${error.syscall})`, "file-unusable", fix);
  }
  if (error instanceof Error) return `sallyport: ${error.stack ?? error.message}`;
  return `sallyport: ${String(error)}`;
}

/** What the operating system says of a path: whoever named that can mend it, and no stack says more. */
function isOfFile(error: unknown): error is NodeJS.ErrnoException & { readonly path: string } {
  const { code, path } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return code !== undefined && typeof path === "string";
}

/** `sallyport: what (code)`, and the fix on a line of its own. */
export function problem(message: string, code: string, fix?: string): string {
  return `sallyport: ${message} (${code})${fix === undefined ? "" : `\n  fix: ${fix}`}`;
}
