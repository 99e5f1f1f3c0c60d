import { fitsPattern } from "#lib/fits-pattern.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { isProtected } from "#notation/catalogue/field-names.ts";
import { literalTexts } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { changeForwardingField, forwardingFields } from "#policy/forwarding-field.ts";
import { responseOf, writableRequestHeaders } from "#policy/request-draft.ts";
import type { HeaderList } from "#model/header-list.ts";

/** What the message itself stands on stays, whatever fits: Host, and the fields that no policy changes. */
export function link(node: PolicyNode, { section }: LinkContext): Run {
  const patterns = literalTexts(node, "names").map((name) => name.toLowerCase());
  const fits = (lowerName: string): boolean => patterns.some((pattern) => fitsPattern(pattern, lowerName));
  const ofRequest = section === "inbound" || section === "backend";
  const claimed = [...forwardingFields].filter(fits);
  return (exchange) => {
    if (ofRequest) ofTheRequest(exchange, fits, claimed);
    else removeFrom(responseOf(exchange).headers, fits);
    return undefined;
  };
}

/** Fields about where a request came from are the gateway's to write, so it is told to leave them out. */
function ofTheRequest(exchange: Exchange, fits: (lowerName: string) => boolean, claimed: readonly string[]): void {
  for (const name of claimed) changeForwardingField(exchange, name, "delete", []);
  if (!exchange.request.headers.raw.some((name, at) => at % 2 === 0 && fits(name.toLowerCase()))) return;
  removeFrom(writableRequestHeaders(exchange), fits);
  exchange.request.dropTrailers = true;
}

function removeFrom(headers: HeaderList, fits: (lowerName: string) => boolean): void {
  const { raw } = headers;
  let kept = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase();
    if (fits(name) && name !== "host" && !isProtected(name)) continue;
    raw[kept] = raw[at] as string;
    raw[kept + 1] = raw[at + 1] as string;
    kept += 2;
  }
  raw.length = kept;
}
