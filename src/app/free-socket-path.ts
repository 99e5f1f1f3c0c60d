import { randomBytes } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { link, lstat, rename, unlink } from "node:fs/promises";
import { connect } from "node:net";

const inUse = "another process listens there";

/**
 * Makes way for a socket of our own: takes away what a killed process left, and nothing else. Whoever answers there is
 * asked first, because a file says nothing of whether somebody listens on it.
 *
 * @returns null when the path is free; else what is in the way
 */
export async function freeSocketPath(path: string): Promise<string | null> {
  const found = await look(path);
  if (found === null) return null;
  if (!found.isSocket()) return "something else stands there, and it is no socket";
  const answer = await dialOnce(path);
  if (answer === "ENOENT") return null;
  if (answer === "ECONNREFUSED") return takeAway(path, found);
  // Non-blocking, so that a full waiting line is EAGAIN: there is a listener, and a busy one.
  if (answer === null || answer === "EAGAIN") return inUse;
  return `a socket stands there, and whether anybody listens on it cannot be told (${answer})`;
}

async function look(path: string): Promise<BigIntStats | null> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Null when somebody took the connection, else the code of the error. */
function dialOnce(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(null);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

/**
 * Two starters may have found the same dead socket, and one of them may listen by now: so the file is moved aside and
 * looked at again before it goes, and put back when it is another one.
 */
async function takeAway(path: string, found: BigIntStats): Promise<string | null> {
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await rename(path, aside);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? null : `the socket of an ended process stands there, and cannot be removed (${code})`;
  }
  const moved = await lstat(aside, { bigint: true });
  const isSame = moved.ino === found.ino && moved.dev === found.dev && moved.mtimeNs === found.mtimeNs;
  // `link` and not `rename`: a third one's socket is not to be written over.
  if (!isSame) await link(aside, path).catch(() => {});
  await unlink(aside);
  return isSame ? null : inUse;
}
