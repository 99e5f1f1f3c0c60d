import { Argument, Command } from "commander";
import { type LogLevel, logLevels } from "#model/logs.ts";
import { bodyOf } from "./admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "./admin/command.ts";
import { type AdminOptions, askGateway } from "./admin/connection.ts";
import { pathPart } from "./subscriptions.ts";
import { table } from "./table.ts";
import { checkedDuration } from "./time-range.ts";

type Options = AdminOptions & JsonOption & { readonly api?: string; readonly operation?: string; readonly for: string };

interface Levels {
  readonly usual: LogLevel;
  readonly levels: readonly {
    readonly api: string;
    readonly operation?: string;
    readonly level: LogLevel;
    readonly until: string;
  }[];
}

/** `sallyport logs`: what is logged while the gateway runs. */
export function logsCommand(): Command {
  return new Command("logs").description("see and change what is logged, while the gateway runs").addCommand(levels());
}

function levels(): Command {
  const examples = `  sallyport logs level
  sallyport logs level --api orders debug --for 15m
  sallyport logs level --api orders --operation get-orders-id debug
  sallyport logs level --api orders usual`;
  return adminCommand(new Command("level"), examples)
    .description(
      "show the levels of the log, or give an API or an operation another for a while, on all workers at once",
    )
    .addArgument(new Argument("[level]", "the least level that is logged").choices([...logLevels, "usual"]))
    .option("--api <name>", "the API whose level it is")
    .option("--operation <name>", "this operation of it alone")
    .option("--for <duration>", "how long: 90s, 15m, at most 24h", checkedDuration, "15m")
    .action((level: LogLevel | "usual" | undefined, options: Options, command: Command) => {
      const { api, operation } = options;
      if ((level === undefined) !== (api === undefined) || (api === undefined && operation !== undefined)) {
        command.error("error: a level and --api go together: sallyport logs level --api orders debug", { exitCode: 2 });
      }
      return reporting(() => run(level, options));
    });
}

async function run(level: LogLevel | "usual" | undefined, options: Options): Promise<void> {
  const { api, operation } = options;
  const place = operation === undefined ? api : `${api}, ${operation}`;
  if (level === undefined || api === undefined) {
    const reply = await askGateway(options, "GET", "/log-levels");
    print(options, reply.text, `${lines(bodyOf<Levels>(reply)).join("\n")}\n`);
  } else if (level === "usual") {
    const reply = await askGateway(options, "DELETE", `/log-levels/${pathPart(api)}${queryOf({ operation })}`);
    print(options, reply.text, `${place}: ${bodyOf<Levels>(reply).usual}, as usual\n`);
  } else {
    const query = queryOf({ operation, level, for: options.for });
    const reply = await askGateway(options, "PUT", `/log-levels/${pathPart(api)}${query}`);
    const { until } = bodyOf<Levels["levels"][number]>(reply);
    print(options, reply.text, `${place}: ${level} until ${until}\n`);
  }
}

function lines({ usual, levels: changed }: Levels): readonly string[] {
  const rows = changed.map(({ api, operation = "-", level, until }) => [api, operation, level, until]);
  const heads = ["API", "OPERATION", "LEVEL", "UNTIL"];
  return [`usual level: ${usual}`, ...(rows.length === 0 ? [] : ["", ...table(heads, rows)])];
}

/** With its question mark; what is undefined is left out. */
function queryOf(values: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return query.size === 0 ? "" : `?${query}`;
}
