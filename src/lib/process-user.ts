import { userInfo } from "node:os";

/**
 * Whom this process runs as. A user id need not have an account: containers are given one that the image knows nothing
 * of, and then it is its own name.
 */
export function processUser(): { readonly uid: number; readonly username: string } {
  try {
    return userInfo();
  } catch {
    const uid = process.getuid?.() ?? -1;
    return { uid, username: String(uid) };
  }
}
