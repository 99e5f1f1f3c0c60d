export type DuplicateDescriptor = (fd: number) => number;

/**
 * The system's `dup`, null where this runtime cannot call it. Node has no way of its own to give each thread a
 * descriptor of the same socket, and a number that two threads close ends up closing what the other one has opened.
 *
 * @see dup(2)
 */
export function findDuplicate(): DuplicateDescriptor | null {
  try {
    const library = process.getBuiltinModule("node:ffi").dlopen(null, { dup: { arguments: ["i32"], return: "i32" } });
    return (fd) => library.functions.dup(fd);
  } catch {
    return null;
  }
}
