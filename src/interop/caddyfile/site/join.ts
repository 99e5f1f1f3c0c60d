import { both } from "#interop/caddyfile/words/cel.ts";
import { type Branch, choose, type Policy, setVariable } from "#interop/caddyfile/target/policy.ts";
import type { Ends, Joined, Piece } from "./piece.ts";

export interface JoinOptions {
  /** Rules for the response that hold for every request: nothing has to remember them. */
  readonly always: ReadonlySet<string>;
  /** A guard is needed, so whoever hands over has to leave a mark. */
  readonly needMarks: () => void;
}

export const endedVariable = "caddy.ended";
const notEnded = `!variables[?"${endedVariable}"].orValue(false)`;

interface Member extends Branch {
  readonly ends: Ends;
  readonly hands: boolean;
}

/** Puts pieces behind each other: what would follow one that has ended the request is kept from running. */
export function join(pieces: readonly Piece[], options: JoinOptions): Joined {
  const [first] = pieces;
  if (first === undefined) return { policies: [], ends: "never", hands: false };
  const members = membersOf(pieces, options);
  const rest = pieces.slice(members.length);
  const until = members.findIndex(({ condition }) => condition === "true");
  const branches = until < 0 ? members : members.slice(0, until + 1);
  const isWhole = until >= 0;
  const before = pieces.slice(0, branches.length).flatMap((one) => one.before ?? []);
  const own: Joined = {
    policies: [...before, ...branchPolicies(branches, isWhole)],
    ends: endsOf(branches, isWhole),
    hands: branches.some(({ hands }) => hands),
  };
  if (own.ends === "always") return own;
  const tail = join(rest, options);
  if (own.ends === "never" || tail.policies.length === 0) return behind(own, tail, tail.policies);
  if (branches.every(({ ends }) => ends === "always"))
    return { ...behind(own, tail, []), policies: [...before, merged(branches, tail.policies)] };
  if (!own.hands) return behind(own, tail, tail.policies);
  options.needMarks();
  return behind(own, tail, [choose([{ condition: notEnded, policies: tail.policies }])]);
}

function membersOf(pieces: readonly Piece[], options: JoinOptions): readonly Member[] {
  const [first] = pieces as readonly [Piece, ...Piece[]];
  const length = first.group === undefined ? 1 : pieces.findIndex(({ group }) => group !== first.group);
  return pieces.slice(0, length < 0 ? pieces.length : length).map(({ matcher, policies, ends, hands, outbound }) => ({
    condition: matcher.condition,
    policies: [
      ...matcher.captures.map(({ variable, cel }) => setVariable(variable, `\${${cel}}`)),
      ...(outbound === undefined || options.always.has(outbound) ? [] : [setVariable(outbound, true)]),
      ...policies,
    ],
    ends,
    hands,
  }));
}

function branchPolicies(branches: readonly Member[], isWhole: boolean): readonly Policy[] {
  const last = branches.at(-1);
  if (isWhole && branches.length === 1) return last?.policies ?? [];
  const when = (isWhole ? branches.slice(0, -1) : branches).map(({ condition, policies }) => ({ condition, policies }));
  if (when.every(({ policies }) => policies.length === 0) && !isWhole) return [];
  return [choose(when, isWhole ? last?.policies : [])];
}

function endsOf(branches: readonly Member[], isWhole: boolean): Ends {
  if (branches.every(({ ends }) => ends === "never")) return "never";
  return isWhole && branches.every(({ ends }) => ends === "always") ? "always" : "maybe";
}

function behind(own: Joined, tail: Joined, policies: readonly Policy[]): Joined {
  return {
    policies: [...own.policies, ...policies],
    ends: tail.ends === "always" ? "always" : own.ends === "never" ? tail.ends : "maybe",
    hands: own.hands || tail.hands,
  };
}

/** `otherwise` that is one more choice goes on with the same list. */
function merged(branches: readonly Member[], tail: readonly Policy[]): Policy {
  const when = branches.map(({ condition, policies }) => ({ condition: both([condition]), policies }));
  const [only, ...more] = tail;
  const inner = only?.["choose"] as { when: readonly Branch[]; otherwise?: readonly Policy[] } | undefined;
  if (more.length > 0 || inner === undefined) return choose(when, tail);
  return choose([...when, ...inner.when], inner.otherwise);
}
