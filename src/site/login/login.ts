import { beginLogin, type LoginState, loginCookieOf, loginLifetimeMs } from "#identity/login/login-state.ts";
import { providerTrouble } from "#identity/login/provider-trouble.ts";
import { returnPath } from "#identity/login/return-path.ts";
import { html } from "#lib/html.ts";
import type { LoginProvider } from "#model/login.ts";
import type { SiteRequest, SiteResponse } from "#model/site.ts";
import { page, redirect } from "#site/page.ts";
import type { SitePorts } from "#site/ports.ts";
import { problem } from "#site/problem.ts";
import { setCookie } from "./cookies.ts";
import { canKeepCookies, ownAddress, ownPath } from "./own-address.ts";

/** `/login?return=…&provider=…`: to the provider, or to the choice between several. */
export async function login(request: SiteRequest, ports: SitePorts): Promise<SiteResponse> {
  const settings = ports.login.settings();
  if (settings === null) return problem(request, "route-not-found");
  if (!canKeepCookies(request)) return problem(request, "insecure-scheme");
  const query = new URLSearchParams(request.query);
  const back = returnPath(query.get("return"));
  const { providers } = settings;
  const chosen = providers.length === 1 ? providers[0] : providers.find(({ name }) => name === query.get("provider"));
  if (chosen === undefined) return choice(request, providers, back);
  return begin(request, chosen, { back, isSecond: query.get("second") === "1" }, ports);
}

function choice({ host }: SiteRequest, providers: readonly LoginProvider[], back: string): SiteResponse {
  const links = providers.map(({ name, label }) => {
    const address = ownPath("/login", { provider: name, return: back });
    return html`<li><a class="button" href="${address}">${label}</a></li>`;
  });
  return page(
    "Log in",
    html`<p>How do you log in to <strong>${host}</strong>?</p>
      <ul>
        ${links}
      </ul>`,
  );
}

async function begin(
  request: SiteRequest,
  { name, label }: LoginProvider,
  { back, isSecond }: Pick<LoginState, "back" | "isSecond">,
  { login: ports, clock, log }: SitePorts,
): Promise<SiteResponse> {
  const cookie = loginCookieOf(request.cookies, ports.random);
  const begun = beginLogin(cookie, { provider: name, host: request.host, back, isSecond, at: clock.now() }, ports);
  try {
    const client = await ports.clients.findReachable(name);
    if (client === undefined) return problem(request, "route-not-found");
    const to = await client.authorizationUrl({ ...begun, redirectUri: ownAddress(request, "/callback") });
    return redirect(to.href, setCookie(cookie.name, cookie.secret, loginLifetimeMs));
  } catch (error) {
    const { detail } = providerTrouble(error);
    log.warn("nobody can log in, the provider cannot be asked", { provider: name, why: detail });
    const advice = `${label} does not answer at the moment. Whoever is logged in already can go on.`;
    return problem(request, "provider-unavailable", {
      detail,
      advice,
      again: ownPath("/login", { provider: name, return: back }),
    });
  }
}
