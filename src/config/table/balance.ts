import { type BalancePolicy, balancePolicies, type Sticky } from "#model/balancing.ts";
import { parseCookiePath } from "#config/checks/paths.ts";
import { parseBackendUrl } from "#config/checks/urls.ts";
import { parseCookieName } from "#config/checks/words.ts";
import { choice } from "#config/shapes/choice.ts";
import { mapOr } from "#config/shapes/map-or.ts";
import { duration, integer } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Located, located, type Shape, withFallback } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface TargetInput {
  /** Empty when it could not be read. */
  readonly url: string | undefined;
  readonly backend: Located<string> | undefined;
  readonly weight: number;
  readonly priority: number;
}

export interface BalanceInput {
  readonly policy: BalancePolicy | undefined;
  readonly choices: Located<number> | undefined;
  readonly name: Located<string> | undefined;
}

export interface StickyInput {
  readonly cookie: string;
  readonly ttl: number;
  readonly sameSite: Sticky["sameSite"];
  readonly path: string;
}

const day = 24 * 60 * 60 * 1000;

/** Empty when it could not be read. */
export const backendUrl: Shape<string> = withFallback(text("the backend's URL", parseBackendUrl), "");

const targetMap = object<TargetInput>("a target", {
  url: { shape: backendUrl, about: "http(s)://host[:port][/base]." },
  backend: {
    shape: located(anyText),
    about: "Or a backend with a url: its credentials, TLS, protocol and circuit breaker come along.",
  },
  weight: { shape: integer(1, 1000), about: "Share among the targets of its priority.", default: 1 },
  priority: {
    shape: integer(1, 100),
    about: "The lowest number that has a target up is used; the others stand by.",
    default: 1,
  },
});

export const targetShape: Shape<TargetInput> = mapOr(targetMap, backendUrl, (url) => ({ ...targetMap.empty, url }));

const balanceMap = object<BalanceInput>("balance", {
  policy: { shape: choice(balancePolicies), about: "How a target is chosen.", required: true },
  choices: {
    shape: located(integer(2, 100)),
    about: "random-choose: how many are drawn, of which the least busy is used; 2 when absent.",
  },
  name: { shape: located(anyText), about: "header, query, cookie: the name whose value decides." },
});

export const balanceShape: Shape<Located<BalanceInput>> = located(
  mapOr(balanceMap, choice(balancePolicies), (policy) => ({ ...balanceMap.empty, policy })),
);

export const stickyShape: ObjectShape<StickyInput> = object<StickyInput>("sticky", {
  cookie: { shape: text("the name of a cookie", parseCookieName), about: "Name of the cookie.", default: "sallyport" },
  ttl: { shape: duration(0, 400 * day), about: "How long a browser keeps it; 0: until it ends.", default: 0 },
  sameSite: { shape: choice(["strict", "lax", "none"]), about: "SameSite of the cookie.", default: "lax" },
  path: { shape: text("a path", parseCookiePath), about: "Path of the cookie.", default: "/" },
});
