import { dirname, join, resolve } from "node:path";
import { writeAtomically } from "#edge/ca-files.ts";
import type { Announcements } from "#model/announcements.ts";
import type { ControlEvent } from "#model/control-events.ts";
import type { OutboxMessage } from "#model/outbox.ts";
import type { Random } from "#model/ports.ts";
import { SecretKeeper, type SecretKeeperOptions } from "./keeper.ts";
import { secretMessages } from "./secret-messages.ts";

type Rest = "rotations" | "backend" | "reload" | "egress" | "token" | "events" | "clock" | "log" | "files";

export interface SecretMeans extends Pick<SecretKeeperOptions, Rest> {
  readonly dataPath: string;
  /** The definition's own file, absolute: secrets are named relative to its folder. */
  readonly definitionFile: string;
  /** Null: nobody is told. */
  readonly announcements: () => Announcements | null;
  readonly put: (messages: readonly OutboxMessage[]) => Promise<void>;
  readonly newId: () => string;
  readonly random: Random;
}

/** Secrets that are changed by a schedule, on main. */
export function openSecretKeeper(means: SecretMeans): SecretKeeper {
  const { dataPath, definitionFile, random, log, ...rest } = means;
  return new SecretKeeper({
    ...rest,
    log,
    folder: join(dataPath, "secret-rotations"),
    replace: (file, secret) => writeAtomically(resolve(dirname(definitionFile), file), `${secret}\n`, random),
    tell: (event) => {
      const messages = messagesOf(event, means);
      if (messages.length === 0) return;
      means.put(messages).catch((error: unknown) => log.warn("nobody is told of a secret", { error: String(error) }));
    },
  });
}

function messagesOf(event: ControlEvent, means: SecretMeans): readonly OutboxMessage[] {
  const { announcements, rotations, newId, clock } = means;
  const settings = announcements();
  if (settings === null) return [];
  const mailTo = rotations().find(({ name }) => name === event.details.entry)?.mailTo ?? [];
  return secretMessages(settings, { event, at: clock.now(), mailTo }, newId);
}
