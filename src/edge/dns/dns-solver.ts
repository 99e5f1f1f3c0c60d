import { dnsNameOf, dnsTextOf } from "#edge/acme/challenge-values.ts";
import type { ChallengeAnswer, Solver } from "#edge/acme/solver.ts";
import type { TxtRecords } from "./records.ts";

/**
 * Proves names by DNS. A wildcard and its parent have their records at the same name, and both may be asked for at
 * once: the texts of a name are kept together, and changed one after the other.
 *
 * @param seen resolves when the zone's name servers show the text
 * @param follow where a record really stands: a name may be delegated by CNAME to a zone made for this
 */
export function createDnsSolver(
  records: TxtRecords,
  seen: (name: string, text: string) => Promise<void>,
  follow: (name: string) => Promise<string>,
): Solver {
  const texts = new Map<string, readonly string[]>();
  const queues = new Map<string, Promise<void>>();
  const inTurn = (name: string, work: () => Promise<void>): Promise<void> => {
    const turn = (queues.get(name) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => {}).then(() => void (queues.get(name) === settled && queues.delete(name)));
    queues.set(name, settled);
    return turn;
  };
  const change = (answer: ChallengeAnswer, work: (name: string, text: string) => Promise<void>): Promise<void> => {
    const text = dnsTextOf(answer.keyAuthorization);
    return follow(dnsNameOf(answer.identifier.value)).then((name) => inTurn(name, () => work(name, text)));
  };
  return {
    present: async (answer) => {
      await change(answer, async (name, text) => {
        const all = [...(texts.get(name) ?? []), text];
        texts.set(name, all);
        await records.add(name, text, all);
      });
      await seen(await follow(dnsNameOf(answer.identifier.value)), dnsTextOf(answer.keyAuthorization));
    },
    remove: (answer) =>
      change(answer, async (name, text) => {
        const rest = (texts.get(name) ?? []).filter((one) => one !== text);
        if (rest.length === 0) texts.delete(name);
        else texts.set(name, rest);
        await records.remove(name, text, rest);
      }),
  };
}
