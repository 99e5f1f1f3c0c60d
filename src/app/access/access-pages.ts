import type { Clock, Random } from "#model/ports.ts";
import type { AnswerLinks } from "#products/answer-links.ts";
import type { AccessPorts } from "#site/access/access-ports.ts";
import { FormGuard } from "#site/access/form-guard.ts";
import { currentSession } from "#site/login/current-session.ts";
import type { LoginPorts } from "#site/login/login-ports.ts";
import type { AccessKeeper } from "./access-keeper.ts";

/** What the pages about access work with. @param keeper is there once the store is */
export function accessPages(
  keeper: () => AccessKeeper,
  links: AnswerLinks,
  login: () => LoginPorts,
  random: Random,
  clock: Clock,
): AccessPorts {
  return {
    requests: () => keeper().requests,
    guard: new FormGuard(random, clock),
    links,
    once: { use: (name, until) => keeper().once.use(name, until), isUsed: (name) => keeper().once.isUsed(name) },
    webhooks: () => keeper().webhooks(),
    session: async (request) => {
      const found = await currentSession(request, { login: login() });
      return found?.kind === "session" ? found.principal : found;
    },
  };
}
