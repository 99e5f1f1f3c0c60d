import { Command } from "commander";
import { bodyOf } from "./admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "./admin/command.ts";
import { type AdminOptions, askGateway } from "./admin/connection.ts";
import { withProgress } from "./admin/progress.ts";

type Options = AdminOptions & JsonOption;

type Listener =
  | { readonly scheme: string; readonly host: string; readonly port: number }
  | { readonly scheme: string; readonly path: string };

interface Status {
  readonly version: string;
  readonly node: string;
  readonly startedAt: string;
  readonly uptimeSeconds: number;
  readonly environment: string;
  readonly workers: number;
  readonly apis: number;
  readonly operations: number;
  readonly listeners: readonly Listener[];
  readonly configuration: { readonly id: number; readonly hash: string; readonly changedOnDisk: readonly string[] };
  readonly lastReload: { readonly time: string; readonly why: string; readonly outcome: string } | null;
}

/** `sallyport status`: what runs. */
export function statusCommand(): Command {
  return adminCommand(new Command("status"), "  sallyport status\n  sallyport status --json | jq .configuration.hash")
    .description("show what a running gateway runs: version, listeners, workers, configuration")
    .action((options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", "/status");
        print(options, reply.text, describe(bodyOf<Status>(reply)));
      }),
    );
}

/** `sallyport reload`: what SIGHUP does, with an answer. */
export function reloadCommand(): Command {
  return adminCommand(new Command("reload"), "  sallyport reload\n  sallyport reload --data /var/lib/sallyport")
    .description("have a running gateway read its files anew; with errors the old definition goes on serving")
    .action((options: Options) =>
      reporting(async () => {
        const reply = await withProgress("reloading", askGateway(options, "POST", "/reload"));
        const { id, hash } = bodyOf<{ readonly id: number; readonly hash: string }>(reply);
        print(options, reply.text, `configuration ${id} is in force (hash ${hash.slice(0, 12)})\n`);
      }),
    );
}

function listenerText(listener: Listener): string {
  if ("path" in listener) return `${listener.scheme} at unix:${listener.path}`;
  const { scheme, host, port } = listener;
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function describe(status: Status): string {
  const { version, node, startedAt, uptimeSeconds, environment, workers, apis, operations, configuration } = status;
  const { id, hash, changedOnDisk } = configuration;
  const listeners = status.listeners.map(listenerText);
  const last = status.lastReload;
  const rows: readonly (readonly [string, string])[] = [
    ["version", version],
    ["node", node],
    ["running", `${uptimeSeconds} s, since ${startedAt}`],
    ["environment", environment],
    ["listeners", listeners.join(", ")],
    ["workers", String(workers)],
    ["serves", `${operations} operations of ${apis} APIs`],
    ["configuration", `${id}, hash ${hash.slice(0, 12)}`],
    ...(last === null ? [] : [["last reload", `${last.outcome} at ${last.time} (${last.why})`] as const]),
    ...(changedOnDisk.length === 0 ? [] : [["changed on disk", `${changedOnDisk.join(", ")}: not in force`] as const]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(16)}${value}\n`).join("");
}
