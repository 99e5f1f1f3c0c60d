import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { isEvent } from "#audit/entry.ts";
import { OldKeyUses, type OldKeyUse } from "#audit/read/old-key-uses.ts";
import { eachRecord } from "#audit/read/search.ts";
import { bodyOf } from "#cli/admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "#cli/admin/command.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import { withIndex } from "#cli/audit/record-query.ts";
import { wholeNumber } from "#cli/numbers.ts";
import { table } from "#cli/table.ts";

interface Options extends AdminOptions, JsonOption {
  readonly top: number;
}

interface OldKey {
  readonly subscription: string;
  readonly slot: string;
  readonly id: string;
  readonly since: string;
  readonly endsAt: string;
  readonly usedAt: string | null;
}

/** With who uses it, where the record is at hand. */
type ReportedKey = OldKey & Partial<OldKeyUse>;

const examples = `  sallyport report old-keys
  sallyport report old-keys --json | jq '.keys[] | select(.clients | length > 0)'`;

/** Old keys are known to the gateway; who uses them stands in the record, which is read here. */
export function oldKeysReport(): Command {
  return adminCommand(new Command("old-keys"), examples)
    .description("old keys that still go on after a rotation, and which clients use them; those that end next first")
    .option("--top <n>", "how many keys", wholeNumber(1, 1000), 100)
    .action((options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", `/reports/old-keys?top=${options.top}`);
        const { keys } = bodyOf<{ readonly keys: readonly OldKey[] }>(reply);
        const folder = join(options.data, "audit");
        const isHere = options.adminUrl === undefined && existsSync(folder);
        const reported = isHere ? await withUses(keys, options.data, folder) : keys;
        print(options, `${JSON.stringify({ keys: reported }, null, 2)}\n`, `${linesOf(reported).join("\n")}\n`);
      }),
    );
}

async function withUses(keys: readonly OldKey[], data: string, folder: string): Promise<readonly ReportedKey[]> {
  return withIndex(data, folder, async (index) => {
    const uses = new OldKeyUses(keys.map(({ id }) => id));
    for (const { id, since } of keys) {
      const query = {
        fromMs: Date.parse(since),
        toMs: Number.MAX_SAFE_INTEGER,
        required: [{ path: "oldKey", value: id }],
      };
      const matches = (record: object): boolean => "oldKey" in record && record.oldKey === id;
      await eachRecord(folder, index, { ...query, matches }, (record) => {
        if (!isEvent(record)) uses.add(record);
      });
    }
    return keys.map((key) => ({ ...key, ...uses.of(key.id) }));
  });
}

function linesOf(keys: readonly ReportedKey[]): readonly string[] {
  if (keys.length === 0) return ["none"];
  return table(
    ["SUBSCRIPTION", "KEY", "ID", "ENDS", "CLIENT", "PRINCIPAL", "REQUESTS", "LAST USED"],
    keys.flatMap(rowsOf),
  );
}

function rowsOf({
  subscription,
  slot,
  id,
  endsAt,
  usedAt,
  clients,
  otherRequests = 0,
}: ReportedKey): readonly string[][] {
  const key = [subscription, slot, id, endsAt];
  // Without the record at hand, what the gateway knows.
  if (clients === undefined) return [[...key, "?", "?", "?", usedAt ?? "-"]];
  if (clients.length === 0) return [[...key, "-", "-", "0", "-"]];
  const rows = clients.map(({ client, principal, requests, last }) => [
    ...key,
    client,
    principal,
    String(requests),
    last,
  ]);
  return otherRequests === 0 ? rows : [...rows, [...key, "others", "-", String(otherRequests), "-"]];
}
