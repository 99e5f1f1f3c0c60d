import { html } from "#lib/html.ts";
import type { SiteRequest, SiteResponse } from "#model/site.ts";
import { page } from "./page.ts";

/** For whoever looks what this is. */
export function home({ host }: SiteRequest): SiteResponse {
  return page("Sallyport", html`<p>A gateway watches over <strong>${host}</strong>.</p>`);
}
