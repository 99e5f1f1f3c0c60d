import { Command } from "commander";
import { announcementsCommand, resendCommand } from "./announcement-commands.ts";
import { delegateCommand, delegationsCommand, endDelegationCommand } from "./delegate-commands.ts";
import {
  approvalsCommand,
  breakGlassCommand,
  decideCommand,
  listCommand,
  requestCommand,
  showCommand,
} from "./request-commands.ts";
import { testCommand } from "./test-command.ts";

/** `sallyport access`: who may call what, and what is given for a while. */
export function accessCommand(): Command {
  return new Command("access")
    .description("test who may call what; ask for approvals and decide about them")
    .addCommand(testCommand())
    .addCommand(approvalsCommand())
    .addCommand(requestCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(decideCommand("approve", "give your word; the last one that it takes puts the approval in force"))
    .addCommand(decideCommand("reject", "turn a request down"))
    .addCommand(decideCommand("withdraw", "take your own request back"))
    .addCommand(decideCommand("revoke", "end an approval that is in force: every worker refuses at once"))
    .addCommand(breakGlassCommand())
    .addCommand(delegateCommand())
    .addCommand(delegationsCommand())
    .addCommand(endDelegationCommand())
    .addCommand(announcementsCommand())
    .addCommand(resendCommand());
}
