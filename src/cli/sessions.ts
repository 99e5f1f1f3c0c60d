import { Command } from "commander";
import { bodyOf } from "./admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "./admin/command.ts";
import { AdminFailure, type AdminOptions, askGateway } from "./admin/connection.ts";
import { problem } from "./failure.ts";
import { pathPart } from "./subscriptions.ts";
import { table } from "./table.ts";

type Options = AdminOptions & JsonOption;

interface Session {
  readonly handle: string;
  readonly provider: string;
  readonly subject: string;
  readonly host: string;
  readonly seenAt: string;
}

interface EndOptions extends Options {
  readonly provider?: string;
  readonly subject?: string;
}

/** `sallyport sessions`: who has logged in with a browser. */
export function sessionsCommand(): Command {
  return new Command("sessions")
    .description("list the sessions of people who have logged in, and end them")
    .addCommand(listCommand())
    .addCommand(endCommand());
}

function listCommand(): Command {
  const examples = "  sallyport sessions list\n  sallyport sessions list --json | jq -r '.sessions[].subject'";
  return adminCommand(new Command("list"), examples)
    .description("show whose sessions there are, where, and when each was last used; up to 1,000")
    .action((options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", "/sessions?limit=1000");
        const { sessions } = bodyOf<{ readonly sessions: readonly Session[] }>(reply);
        const rows = sessions.map((one) => [one.handle, one.provider, one.subject, one.host, one.seenAt]);
        print(
          options,
          reply.text,
          `${table(["SESSION", "PROVIDER", "SUBJECT", "HOST", "LAST USED"], rows).join("\n")}\n`,
        );
      }),
    );
}

function endCommand(): Command {
  const examples = "  sallyport sessions end 4f0c2b1e\n  sallyport sessions end --provider corp --subject ada";
  return adminCommand(new Command("end"), examples)
    .description("end a session, or all of a person: every worker refuses them at once, and what they have open ends")
    .argument("[session]", "which one, as `list` shows it")
    .option("--provider <name>", "of all sessions of a person: the provider in the definition")
    .option("--subject <sub>", "and the person's subject at it")
    .action((session: string | undefined, options: EndOptions) =>
      reporting(async () => {
        const reply = await askGateway(options, "DELETE", pathOf(session, options));
        const { ended } = bodyOf<{ readonly ended: number }>(reply);
        print(options, reply.text, `${ended} ${ended === 1 ? "session has" : "sessions have"} ended\n`);
      }),
    );
}

function pathOf(session: string | undefined, { provider, subject }: EndOptions): string {
  if (session !== undefined) return `/sessions/${pathPart(session)}`;
  if (provider === undefined || subject === undefined) {
    const fix = "name a session, or a person: --provider corp --subject ada";
    throw new AdminFailure(problem("it is not said which sessions are to end", "session-unsaid", fix), 2);
  }
  return `/sessions?${new URLSearchParams({ provider, subject })}`;
}
