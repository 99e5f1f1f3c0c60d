import type { WriteStream } from "node:tty";

/** Colours are for terminals that have them; Node looks at NO_COLOR and FORCE_COLOR. @see https://no-color.org */
export function isColored(stream: NodeJS.WriteStream & Partial<Pick<WriteStream, "hasColors">>): boolean {
  return stream.isTTY === true && (stream.hasColors?.() ?? false);
}
