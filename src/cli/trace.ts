import { Command } from "commander";
import { describeSteps } from "#app/tracing/describe-steps.ts";
import { handoverLines } from "#audit/read/explain-handovers.ts";
import { paint, printable } from "#audit/read/terminal-text.ts";
import type { RequestTrace, TracedRule } from "#model/tracing.ts";
import { bodyOf } from "./admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "./admin/command.ts";
import { type AdminOptions, askGateway } from "./admin/connection.ts";
import { pathPart } from "./subscriptions.ts";
import { table } from "./table.ts";
import { isColored } from "./terminal.ts";
import { checkedDuration } from "./time-range.ts";

type Options = AdminOptions & JsonOption;

interface DebugToken {
  readonly id: string;
  readonly api: string | null;
  readonly until: string;
}

type TraceHead = Pick<RequestTrace, "id" | "time" | "method" | "host" | "path" | "status">;

/** `sallyport trace`: every step and value of single requests. */
export function traceCommand(): Command {
  return new Command("trace")
    .description("see all that the gateway does with a request: steps, access rules, policies and expression values")
    .addCommand(startCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(tokensCommand())
    .addCommand(endCommand());
}

function startCommand(): Command {
  const examples = `  sallyport trace start --api orders --for 15m
  curl -H "Apim-Debug-Authorization: $(sallyport trace start --json | jq -r .token)" https://api.example.com/orders`;
  return adminCommand(new Command("start"), examples)
    .description("make a token, told once: requests that send it in Apim-Debug-Authorization are traced")
    .option("--api <name>", "only requests of this API (default: of any)")
    .option("--for <duration>", "how long: 90s, 15m, at most 1h", checkedDuration, "15m")
    .action((options: Options & { readonly api?: string; readonly for: string }) =>
      reporting(async () => {
        const query = new URLSearchParams({ for: options.for, ...(options.api !== undefined && { api: options.api }) });
        const reply = await askGateway(options, "POST", `/debug-tokens?${query}`);
        const { token, until, api } = bodyOf<DebugToken & { readonly token: string }>(reply);
        const lines = [
          token,
          `good until ${until} for ${api === null ? "any API" : `the API ${api}`}; send it as`,
          `  Apim-Debug-Authorization: ${token}`,
          "then: sallyport trace show <Apim-Trace-Id of the answer>",
        ];
        print(options, reply.text, `${lines.join("\n")}\n`);
      }),
    );
}

function listCommand(): Command {
  return adminCommand(new Command("list"), "  sallyport trace list")
    .description("show which requests were traced within the last hour, newest first")
    .action((options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", "/traces");
        const { traces } = bodyOf<{ readonly traces: readonly TraceHead[] }>(reply);
        const rows = traces.map((one) => [
          one.id,
          one.time,
          String(one.status),
          `${one.method} ${one.host}${one.path}`,
        ]);
        print(options, reply.text, `${table(["TRACE", "TIME", "STATUS", "REQUEST"], rows).join("\n")}\n`);
      }),
    );
}

function showCommand(): Command {
  const examples = "  sallyport trace show 0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11";
  return adminCommand(new Command("show"), examples)
    .description("show one trace; secrets and credentials are masked in it")
    .argument("<id>", "Apim-Trace-Id of the answer")
    .action((id: string, options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", `/traces/${pathPart(id)}`);
        const trace = bodyOf<RequestTrace>(reply);
        print(options, reply.text, `${describeTrace(trace).join("\n")}\n`);
      }),
    );
}

function tokensCommand(): Command {
  return adminCommand(new Command("tokens"), "  sallyport trace tokens")
    .description("show which debug tokens are good; the tokens themselves are not kept")
    .action((options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", "/debug-tokens");
        const { debugTokens } = bodyOf<{ readonly debugTokens: readonly DebugToken[] }>(reply);
        const rows = debugTokens.map(({ id, api, until }) => [id, api ?? "any", until]);
        print(options, reply.text, `${table(["TOKEN", "API", "UNTIL"], rows).join("\n")}\n`);
      }),
    );
}

function endCommand(): Command {
  return adminCommand(new Command("end"), "  sallyport trace end 4f0c2b1e9a517e51")
    .description("end a debug token before its time")
    .argument("<id>", "which one, as `tokens` shows it")
    .action((id: string, options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "DELETE", `/debug-tokens/${pathPart(id)}`);
        print(options, reply.text, `debug token ${bodyOf<DebugToken>(reply).id} has ended\n`);
      }),
    );
}

function describeTrace(trace: RequestTrace): readonly string[] {
  const brush = paint(isColored(process.stdout));
  const { id, method, host, path, status, durationMs, api, operation, principal } = trace;
  const where = api === null ? "no operation" : `${api} / ${operation}`;
  return [
    `${brush.strong(`Request ${printable(id)}`)} status ${status}, ${durationMs.toFixed(1)} ms`,
    `  ${printable(`${method} ${host}${path}`)}`,
    `  ${printable(where)}, as ${printable(principal === "" ? "nobody" : principal)}`,
    "",
    brush.strong("Hand-overs"),
    ...handoverLines(trace.handovers, brush),
    "",
    ...(trace.rules.length === 0 ? [] : [brush.strong("Access rules"), ...trace.rules.map(describeRule), ""]),
    brush.strong("Policies"),
    ...(trace.steps.length === 0 ? ["  none ran", ""] : describeSteps(trace.steps).map((line) => printable(line))),
    ...(trace.stepsLeftOut > 0 ? [`${trace.stepsLeftOut} more steps are left out`] : []),
  ];
}

function describeRule({ effect, source, at, value }: TracedRule): string {
  return `  ${effect} ${printable(source)} → ${value === null ? "failed" : value}  (${printable(at)})`;
}
