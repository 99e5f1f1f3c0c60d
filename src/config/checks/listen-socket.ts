import type { ListenPlace, ListenSocket } from "#model/definition.ts";
import type { Parsed } from "#config/shapes/text.ts";
import { parseListen } from "./listen.ts";

/** This process's own user alone, until the definition says who else. */
const defaultMode = 0o600;

/** An address, or a Unix socket, whose path may still be relative. */
export function parseListenPlace(text: string): Parsed<ListenPlace> {
  return /^unix[:/]/.test(text) ? parseListenSocket(text) : parseListen(text);
}

/**
 * `unix:/run/gateway.sock` as in nginx, or `unix//run/gateway.sock` as in Caddy; `unix:gateway.sock` and
 * `unix/gateway.sock` are relative. `|0660` behind it says who may connect.
 */
export function parseListenSocket(text: string): Parsed<ListenSocket> {
  const [, path = "", digits] = /^unix[:/]([^|]*)(?:\|(.*))?$/.exec(text) ?? [];
  if (path.startsWith("@") || path.startsWith("\0")) {
    return {
      problem: `${text} has no file, so anybody on this machine could connect`,
      fix: "write the path of a file: unix:/run/sallyport/gateway.sock",
    };
  }
  if (!/^[^\0]*[^\0/]$/.test(path)) {
    return { problem: `${text} names no socket`, fix: "write unix:/run/sallyport/gateway.sock" };
  }
  const mode = digits === undefined ? defaultMode : modeOf(digits);
  if (mode !== null) return { value: { path, mode } };
  return {
    problem: `${text}: what stands behind | is not the mode of a socket`,
    fix: "write |0660: octal, and its owner may write (0200), or nobody could connect",
  };
}

function modeOf(digits: string): number | null {
  if (!/^0?[0-7]{3}$/.test(digits)) return null;
  const mode = Number.parseInt(digits, 8);
  return (mode & 0o200) === 0 ? null : mode;
}
