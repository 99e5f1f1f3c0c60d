import { manyKeys, type Scale } from "./scale.ts";

/** One gateway, and what is asked of it. */
interface Asks {
  readonly name: string;
  readonly scale: Scale;
  readonly targets: readonly Asking[];
}

interface Asking {
  readonly key: string;
  readonly case: string;
  readonly path: string;
  readonly fields: readonly string[];
  readonly variants: number;
}

const few: Scale = { routes: 10, keys: 10, callers: 10 };
const many: Scale = { routes: 10_000, keys: 1_000_000, callers: 100_000 };

/** Which of route, key and caller goes through all of its values, request after request; the others go through ten. */
type Turning = Readonly<Partial<Record<keyof Scale, true>>>;

export const asks: readonly Asks[] = [
  {
    name: "few",
    scale: few,
    targets: [asking("few", "ten routes, keys and callers", { routes: true, keys: true, callers: true }, 10)],
  },
  {
    name: "many-routes",
    scale: { ...few, routes: many.routes },
    targets: [
      asking("many-routes", "10,000 routes in turn", { routes: true }, many.routes),
      asking("many-routes-same", "ten of 10,000 routes", { routes: true }, 10),
    ],
  },
  {
    name: "many-keys",
    scale: { ...few, keys: many.keys },
    targets: [
      asking("many-keys", "1,000,000 keys in turn", { keys: true }, many.keys),
      asking("many-keys-same", "ten of 1,000,000 keys", { keys: true }, 10),
    ],
  },
  {
    name: "many-callers",
    scale: { ...few, callers: many.callers },
    targets: [asking("many-callers", "100,000 callers in turn", { callers: true }, many.callers)],
  },
];

function asking(name: string, what: string, turning: Turning, variants: number): Asking {
  const number = (one: keyof Scale): string => (turning[one] === true ? "{n}" : "{d}");
  return {
    key: `sallyport:${name}`,
    case: what,
    path: `/scale/item${number("routes")}/7`,
    fields: [
      `Ocp-Apim-Subscription-Key: ${manyKeys.replace("{n}", number("keys"))}`,
      `X-Account: account-${number("callers")}`,
    ],
    variants,
  };
}
