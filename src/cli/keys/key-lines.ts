import { formatDuration } from "#notation/units.ts";
import { table } from "#cli/table.ts";

/** As the admin API shows it. */
export interface ShownKeys {
  readonly source: string;
  readonly rotation: { readonly every: number; readonly grace: number; readonly notice: number } | null;
  readonly keys: readonly {
    readonly slot: string;
    readonly id: string;
    readonly state: string;
    readonly madeAt: string;
    readonly dueAt: string | null;
    readonly endsAt: string | null;
    readonly usedAt: string | null;
  }[];
}

export function keyLines({ rotation, keys }: ShownKeys): string {
  const rows = keys.map(({ slot, id, state, madeAt, dueAt, endsAt, usedAt }) => [
    slot,
    id,
    state,
    madeAt,
    dueAt ?? "-",
    endsAt ?? "-",
    usedAt ?? "-",
  ]);
  const lines = table(["KEY", "ID", "STATE", "MADE", "DUE", "ENDS", "LAST USED"], rows);
  return `${[scheduleLine(rotation), ...lines].join("\n")}\n`;
}

function scheduleLine(rotation: ShownKeys["rotation"]): string {
  if (rotation === null) return "no schedule";
  const [every, grace, notice] = [rotation.every, rotation.grace, rotation.notice].map(formatDuration);
  return `new keys every ${every}, told ${notice} before; old ones go on for ${grace}`;
}
