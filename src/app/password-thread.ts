import { parentPort } from "node:worker_threads";
import { verifyPassword } from "#lib/password-hash/verify.ts";
import { serveTransforms } from "#threads/serve-transforms.ts";
import type { PasswordJob } from "./password-threads.ts";

/** Entry of a thread beside a worker that compares passwords with their hashes, which takes long on purpose. */
if (parentPort !== null) {
  serveTransforms(parentPort, (_name, request) => {
    const { password, hash } = request as PasswordJob;
    return verifyPassword(password, hash);
  });
}
