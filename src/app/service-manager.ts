import { execFile } from "node:child_process";

/**
 * Tells systemd how far the gateway has come, where it waits for that (`Type=notify`). Node opens no datagram sockets in
 * the file system, so systemd's own program sends it; the unit needs `NotifyAccess=all`. That it fails changes nothing
 * for the gateway: systemd then ends a start that it never heard of.
 * @param assignments as in sd_notify(3): `READY=1`, `STATUS=…`
 */
export function tellServiceManager(env: NodeJS.ProcessEnv, ...assignments: readonly string[]): Promise<void> {
  if (env["NOTIFY_SOCKET"] === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    execFile("systemd-notify", assignments, { env, timeout: 5_000 }, () => resolve());
  });
}
