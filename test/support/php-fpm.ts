import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const fpm = "php-fpm8.2";

/** A PHP-FPM of its own, listening at a socket and a port of this machine once it is there. */
export async function startFpm(folder: string, socket: string, port: number): Promise<ChildProcess> {
  const config = join(folder, "fpm.conf");
  const { username, uid } = userInfo();
  const user = uid === 0 ? `user = ${username}\ngroup = ${username}\n` : "";
  const pool = (name: string, listen: string): string =>
    `[${name}]\n${user}listen = ${listen}\npm = static\npm.max_children = 3\ncatch_workers_output = no\n`;
  writeFileSync(
    config,
    `[global]\ndaemonize = no\nerror_log = ${folder}/fpm.log\npid = ${folder}/fpm.pid\n${pool("unix", socket)}${pool("tcp", `127.0.0.1:${port}`)}`,
  );
  const args = [
    "--nodaemonize",
    "--fpm-config",
    config,
    "-d",
    "display_errors=0",
    "-d",
    "log_errors=1",
    ...(uid === 0 ? ["--allow-to-run-as-root"] : []),
  ];
  const php = spawn(fpm, args, { stdio: "ignore" });
  for (let tries = 0; !existsSync(socket) && tries < 200; tries += 1) await sleep(25);
  return php;
}
