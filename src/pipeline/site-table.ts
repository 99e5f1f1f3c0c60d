import { siteAnswer } from "./steps/site.ts";
import type { Row } from "./table.ts";

/** The way of a request for one of the gateway's own pages. No row forwards, and no policy runs. */
export const siteTable: readonly Row[] = [{ door: "edge", step: "site", run: siteAnswer }];
