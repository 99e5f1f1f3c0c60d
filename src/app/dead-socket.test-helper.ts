import { spawnSync } from "node:child_process";

/** The socket of a process that was killed while it listened. */
export function leaveDeadSocket(path: string): void {
  const program = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", program]);
}
