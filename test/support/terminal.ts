import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { cli } from "./gateway.ts";

export interface Terminal {
  /** Everything that was written so far, control sequences as well. */
  readonly screen: () => string;
  /** Waits until what was written matches. */
  until(pattern: RegExp): Promise<void>;
  /** As if somebody had typed it. */
  type(keys: string): void;
  /** How the command ended. */
  readonly ended: Promise<number | null>;
}

/** A command on a terminal of its own, which script(1) of util-linux makes: to the command it is one like any other. */
export function onTerminal(args: readonly string[], env: Readonly<Record<string, string>> = {}): Terminal {
  const command = [process.execPath, cli, ...args].map((part) => `'${part.replaceAll("'", `'\\''`)}'`).join(" ");
  const child = spawn("script", ["-q", "-e", "-c", command, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      TERM: "xterm-256color",
      COLORTERM: "",
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
      CI: undefined,
      ...env,
    },
  });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    screen: () => text,
    until: async (pattern) => {
      for (let tries = 0; !pattern.test(text); tries += 1) {
        if (tries > 200) throw new Error(`not on the screen within 20 s: ${pattern}\n${JSON.stringify(text)}`);
        await sleep(100);
      }
    },
    type: (keys) => void child.stdin.write(keys),
    ended,
  };
}
