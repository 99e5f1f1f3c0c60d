import { bodyOf } from "#cli/admin/answers.ts";
import { type AdminOptions, type AdminReply, askGateway } from "#cli/admin/connection.ts";
import { pathPart } from "#cli/subscriptions.ts";

/** As the admin API shows it. */
export interface Rotated {
  readonly name: string;
  readonly keys: readonly { readonly slot: string; readonly key: string }[];
  readonly oldEndAt: string | null;
}

interface DueKey {
  readonly subscription: string;
  readonly source: string;
  readonly dueAt: string | null;
}

export function askToRotate(options: AdminOptions, name: string, query: string): Promise<AdminReply> {
  return askGateway(options, "POST", `/subscriptions/${pathPart(name)}/rotate-keys${query}`);
}

/**
 * One new key for every subscription that needs one by its schedule, as it is made. Running it again makes no second
 * one: what has a younger key is not due any more.
 * @throws AdminFailure
 */
export async function* rotateAllDue(options: AdminOptions, query: string): AsyncGenerator<Rotated, void, undefined> {
  const reply = await askGateway(options, "GET", "/reports/keys-due?days=3650&top=1000");
  const { keys } = bodyOf<{ readonly keys: readonly DueKey[] }>(reply);
  const due = keys.filter(({ source, dueAt }) => source === "created" && dueAt !== null);
  for (const name of new Set(due.map(({ subscription }) => subscription))) {
    yield bodyOf<Rotated>(await askToRotate(options, name, query));
  }
}
