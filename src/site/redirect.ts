import type { SiteResponse } from "#model/site.ts";

/** To a page of this host, by GET: after a form, so that a reload does not send it again. @param path absolute */
export function redirect(path: string): SiteResponse {
  return {
    status: 303,
    headers: ["Location", path, "Cache-Control", "no-store", "Referrer-Policy", "same-origin"],
    body: "",
  };
}
