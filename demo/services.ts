import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { DemoClients } from "./provider.ts";

export interface Service {
  readonly url: string;
  stop(): void;
}

const entry = fileURLToPath(new URL("service.ts", import.meta.url));

/** Starts one of the quick start's processes. @throws Error with the reason when it cannot listen */
export async function startService(kind: "orders" | "provider", port: number, clients: DemoClients): Promise<Service> {
  // Its warnings (an in-memory store, and so on) are true and of no interest on one machine.
  const child = spawn(process.execPath, [entry, kind, String(port)], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  try {
    const url = await started(child, clients);
    child.unref();
    child.channel?.unref();
    return { url, stop: () => child.kill() };
  } catch (error) {
    child.kill();
    const reason = (error as Error).message;
    const why = reason.includes("EADDRINUSE") ? "another process listens there" : reason;
    throw new Error(
      `the quick start's ${kind} service cannot listen on 127.0.0.1:${port}: ${why}\n  fix: end that process, or let the system choose: npm start -- --any-ports`,
      { cause: error },
    );
  }
}

function started(child: ChildProcess, clients: DemoClients): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`it ended with code ${code}`)));
    child.once("message", (answer: { url?: string; error?: string }) => {
      if (answer.url === undefined) reject(new Error(answer.error));
      else resolve(answer.url);
    });
    child.send(clients);
  });
}
