import { text as textOf } from "node:stream/consumers";
import { Command } from "commander";
import { revocationKinds } from "#model/identity-revocation.ts";
import { tokenDigest } from "#model/token-digest.ts";
import { bodyOf } from "./admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "./admin/command.ts";
import { AdminFailure, type AdminOptions, askGateway } from "./admin/connection.ts";
import { table } from "./table.ts";

type Options = AdminOptions & JsonOption;

interface RevokeOptions extends Options {
  readonly until?: string;
  readonly reason?: string;
}

interface Revocation {
  readonly kind: string;
  readonly id: string;
  readonly until: string | null;
  readonly reason: string;
  readonly revokedAt: string;
}

const kindsText = revocationKinds.join(", ");

/** `sallyport revoke`: what a provider gave is not believed any more. */
export function revokeCommand(): Command {
  const examples = `  sallyport revoke principal 'https://login.example.com/||ann' --reason "left the company"
  sallyport revoke agent research-bot --until 2027-01-01T00:00:00Z
  sallyport revoke token fqiBqXLPj0eQa82S-IYFAA     # its jti or uti, which records have
  sallyport revoke token - < token.txt              # the token itself: by its digest, until it expires`;
  return adminCommand(new Command("revoke"), examples)
    .description(
      "refuse a principal, a token, a client or an agent, on every worker at once, and end their open streams",
    )
    .argument("<kind>", `one of ${kindsText}`)
    .argument("<id>", "id of a principal or client, as the record has it; jti of a token, or - for a token on stdin")
    .option("--until <time>", "when it ends by itself, as 2027-01-01T00:00:00Z")
    .option("--reason <text>", "why: shown to operators, in the list and in the record")
    .action((kind: string, id: string, options: RevokeOptions) =>
      reporting(async () => {
        checkKind(kind);
        const named = kind === "token" ? await tokenOf(id) : { id };
        const { until = named.until, reason } = options;
        const body = JSON.stringify({ kind, id: named.id, until: timeOf(until), reason });
        const reply = await askGateway(options, "POST", "/revocations", json(body));
        const made = bodyOf<Revocation>(reply);
        const end = made.until === null ? "until it is lifted" : `until ${made.until}`;
        print(options, reply.text, `${made.kind} ${made.id} is revoked ${end}\n`);
      }),
    );
}

/** `sallyport revocations`: what is revoked, and taking it back. */
export function revocationsCommand(): Command {
  return new Command("revocations")
    .description("list and lift what has been revoked")
    .addCommand(listCommand())
    .addCommand(liftCommand());
}

function listCommand(): Command {
  const examples = "  sallyport revocations list\n  sallyport revocations list --json | jq -r '.revocations[].id'";
  return adminCommand(new Command("list"), examples)
    .description("show what is revoked")
    .action((options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", "/revocations");
        const { revocations } = bodyOf<{ readonly revocations: readonly Revocation[] }>(reply);
        const rows = revocations.map(({ kind, id, until, reason }) => [kind, id, until ?? "", reason]);
        print(options, reply.text, `${table(["KIND", "ID", "UNTIL", "REASON"], rows).join("\n")}\n`);
      }),
    );
}

function liftCommand(): Command {
  return adminCommand(new Command("lift"), "  sallyport revocations lift agent research-bot")
    .description("take a revocation back")
    .argument("<kind>", `one of ${kindsText}`)
    .argument("<id>", "as the list shows it")
    .action((kind: string, id: string, options: Options) =>
      reporting(async () => {
        checkKind(kind);
        const reply = await askGateway(options, "POST", "/revocations/lift", json(JSON.stringify({ kind, id })));
        bodyOf(reply);
        print(options, reply.text, `the revocation of ${kind} ${id} is lifted\n`);
      }),
    );
}

interface NamedToken {
  readonly id: string;
  readonly until?: string;
}

/** A token is read from stdin, because a command line is seen by everybody on the machine; only its digest is sent. */
async function tokenOf(id: string): Promise<NamedToken> {
  if (/^ey[\w-]*\.[\w-]+\.[\w-]*$/.test(id)) {
    throw new AdminFailure(
      "a token itself is given on stdin, where nobody sees it: sallyport revoke token - < token.txt",
    );
  }
  if (id !== "-") return { id };
  const token = (await textOf(process.stdin)).trim();
  const exp = expiryOf(token);
  return {
    id: tokenDigest(token),
    ...(exp === undefined ? {} : { until: new Date((exp + 600) * 1000).toISOString() }),
  };
}

/** Seconds since the epoch. Ten minutes are added, the most that a provider's clock skew can be. */
function expiryOf(token: string): number | undefined {
  try {
    const payload = token.split(".")[1] ?? "";
    const { exp } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { readonly exp?: unknown };
    return typeof exp === "number" && Number.isFinite(exp) ? exp : undefined;
  } catch {
    throw new AdminFailure("what came on stdin is no token: three parts with dots between them");
  }
}

function timeOf(until: string | undefined): string | null {
  if (until === undefined) return null;
  const time = Date.parse(until);
  if (Number.isNaN(time)) throw new AdminFailure(`--until ${until} is no time: write 2027-01-01T00:00:00Z`);
  return new Date(time).toISOString();
}

function checkKind(kind: string): void {
  if (!(revocationKinds as readonly string[]).includes(kind)) {
    throw new AdminFailure(`${kind} is not one of ${kindsText}`);
  }
}

function json(body: string): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  return { headers: { "Content-Type": "application/json" }, body };
}
