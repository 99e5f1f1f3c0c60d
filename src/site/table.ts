import type { SiteRequest, SiteResponse } from "#model/site.ts";
import { sendAnswer, showAnswer } from "./access/answer.ts";
import { sendAsk, sendEnd, showAsk } from "./access/ask.ts";
import { sendBreakGlass, showBreakGlass } from "./access/break-glass.ts";
import { sendDecide, showDecide } from "./access/decide.ts";
import { webhookAnswer } from "./access/webhook-answer.ts";
import { cliLogin } from "./cli-login.ts";
import { home } from "./home.ts";
import { keySet } from "./jwks.ts";
import { sendKeys, showKeys } from "./keys/keys.ts";
import { backChannelLogout } from "./login/back-channel-logout.ts";
import { callback } from "./login/callback.ts";
import { login } from "./login/login.ts";
import { loggedOut, logout } from "./login/logout.ts";
import { auth, session, userInfo } from "./login/who.ts";
import type { SitePorts } from "./ports.ts";
import { scim } from "./scim/scim.ts";

/** One endpoint below `/.sallyport`. */
export interface SiteRow {
  /** Below the prefix; exactly this. */
  readonly path: string;
  /** What is below it is this row's as well, with a slash between. */
  readonly below?: true;
  /** HEAD is answered as GET. */
  readonly methods: readonly ("GET" | "POST" | "PUT" | "PATCH" | "DELETE")[];
  readonly run: (request: SiteRequest, ports: SitePorts) => SiteResponse | Promise<SiteResponse>;
}

/** THE table of the gateway's own pages: whatever is not in it is not there. */
export const siteTable: readonly SiteRow[] = [
  { path: "", methods: ["GET"], run: home },
  { path: "/", methods: ["GET"], run: home },
  { path: "/cli", methods: ["GET"], run: cliLogin },
  { path: "/jwks.json", methods: ["GET"], run: keySet },
  { path: "/login", methods: ["GET"], run: login },
  { path: "/callback", methods: ["GET"], run: callback },
  { path: "/logout", methods: ["GET", "POST"], run: logout },
  { path: "/logged-out", methods: ["GET"], run: loggedOut },
  { path: "/userinfo", methods: ["GET"], run: userInfo },
  { path: "/session", methods: ["GET"], run: session },
  { path: "/auth", methods: ["GET"], run: auth },
  { path: "/backchannel-logout", methods: ["POST"], run: backChannelLogout },
  { path: "/access", methods: ["GET"], run: showAsk },
  { path: "/access", methods: ["POST"], run: sendAsk },
  { path: "/access/break-glass", methods: ["GET"], run: showBreakGlass },
  { path: "/access/break-glass", methods: ["POST"], run: sendBreakGlass },
  { path: "/access/end", methods: ["POST"], run: sendEnd },
  { path: "/access/answer", methods: ["GET"], run: showAnswer },
  { path: "/access/answer", methods: ["POST"], run: sendAnswer },
  { path: "/access/webhook", methods: ["POST"], run: webhookAnswer },
  { path: "/access/decide", methods: ["GET"], run: showDecide },
  { path: "/access/decide", methods: ["POST"], run: sendDecide },
  { path: "/keys", methods: ["GET"], run: showKeys },
  { path: "/keys", methods: ["POST"], run: sendKeys },
  { path: "/scim", below: true, methods: ["GET", "POST", "PUT", "PATCH", "DELETE"], run: scim },
];
