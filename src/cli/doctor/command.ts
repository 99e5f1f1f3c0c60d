import { Command } from "commander";
import { withExitCodes } from "#cli/exit-codes.ts";
import { reporting } from "#cli/admin/command.ts";
import { withAdminOptions } from "#cli/admin/connection.ts";
import { withProgress } from "#cli/admin/progress.ts";
import { type DefinitionOptions, report, withDefinitionOptions } from "#cli/definition-options.ts";
import { type FindingOutput, tellFindings, withFindingOutput } from "#cli/findings/output.ts";
import { hostPort } from "#cli/verify/address.ts";
import { readDeployed } from "#cli/verify/read-deployed.ts";
import { wholeNumber } from "#cli/numbers.ts";
import { type DoctorQuestion, doctorFindings } from "./findings.ts";

interface DoctorOptions extends DefinitionOptions, DoctorQuestion, FindingOutput {}

/** `sallyport doctor`: the failures that gateways are known for, each tried for real, with what to do. */
export function doctorCommand(): Command {
  return withExitCodes(
    withFindingOutput(withAdminOptions(withDefinitionOptions(new Command("doctor")))),
    "0 nothing is wrong, 1 something is, 2 wrong usage.",
  )
    .description("try the failures that gateways are known for, on this set-up, and say what to do about each")
    .option("--front <host:port>", "what stands in front of the gateway, as clients reach it: tried as well", hostPort)
    .option("--ca <file>", "PEM file of a CA that certificates are trusted by, besides the system's")
    .option("--key-days <n>", "how old a subscription key may become", wholeNumber(1, 3650), 90)
    .addHelpText(
      "after",
      `
It asks the providers for their keys and their time, the platform for tokens of its identity, the backends over TLS; and
sends requests that must be refused, to the gateway and through what stands in front of it: does Authorization arrive,
do Host and SNI fit, whom is the client taken for, and can it claim to be another. Nothing reaches a backend but a HEAD,
and the checks of the definition that have a token and change nothing: does it arrive there.

Examples:
  sallyport doctor --env prod
  sallyport doctor --env prod --front api.example.com:443 --html doctor.html
  sallyport doctor --env prod --json | jq '.findings[] | select(.state == "failed")'`,
    )
    .action((options: DoctorOptions) => reporting(() => doctor(options)));
}

async function doctor(options: DoctorOptions): Promise<void> {
  const read = await readDeployed(options);
  if (!read.ok) {
    report(read, options.json);
    process.exitCode = 1;
    return;
  }
  const findings = await withProgress("looking", doctorFindings(options, read));
  const title = `doctor: environment ${read.definition.environment}`;
  await tellFindings({ command: "doctor", title, time: new Date().toISOString(), findings }, options);
}
