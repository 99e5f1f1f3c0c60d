import { spawn } from "node:child_process";

const commands: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ["open"],
  // `start` would take the ampersands of an address for its own.
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Without a screen, or on another machine's end of SSH, a browser would open where nobody sits. */
export function hasBrowser(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): boolean {
  if (env["SSH_CONNECTION"] !== undefined || env["CI"] !== undefined) return false;
  if (platform === "darwin" || platform === "win32") return true;
  return env["DISPLAY"] !== undefined || env["WAYLAND_DISPLAY"] !== undefined;
}

/** One that cannot be opened is no failure: the address was printed. */
export function openBrowser(url: string): void {
  const [command, ...before] = commands[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...before, url], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}
