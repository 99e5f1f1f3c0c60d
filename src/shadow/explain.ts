import { withoutSlash, withSlash } from "./compare-redirects.ts";
import type { Difference } from "./difference.ts";

export interface Explanation {
  /** One sentence: what either gateway answers. */
  readonly text: string;
  /** What to look at; null: nothing that is known. */
  readonly fix: string | null;
}

/** A difference in words, for whoever moves from the old gateway to this one. */
export function explain(difference: Difference): Explanation {
  return { text: textOf(difference), fix: fixOf(difference) };
}

function textOf({ kind, place, old, fresh }: Difference): string {
  switch (kind) {
    case "no-answer":
      return `one of them gives no answer: old ${old}, new ${fresh}`;
    case "status":
      return `the old gateway answers ${old}, the new one ${fresh}`;
    case "header-missing":
      return `the new gateway does not send ${place}${valueOf(old)}`;
    case "header-added":
      return `the new gateway sends ${place}${valueOf(fresh)}, which the old one does not`;
    case "header-value":
      if (old === fresh) return `${place} has another value`;
      return `${place} is ${old} from the old gateway, and ${fresh} from the new one`;
    case "header-case":
      if (old === "") return `${place} is spelled otherwise`;
      return `${place} is spelled otherwise: ${old} from the old gateway, and ${fresh} from the new one`;
    case "header-count":
      return `${place} comes ${old} from the old gateway, and ${fresh} from the new one`;
    case "redirect":
      return `the old gateway leads ${old}, the new one ${fresh}`;
    case "element-missing":
      return `${place} is missing in the new gateway's XML`;
    case "element-added":
      return `${place} is in the new gateway's XML alone`;
    case "cookie-missing":
      return `the new gateway does not set the cookie ${place}`;
    case "cookie-added":
      return `the new gateway sets the cookie ${place}, which the old one does not`;
    case "cookie-attributes":
      return `the cookie ${place} has other attributes: old ${old || "none"}, new ${fresh || "none"}`;
    case "body-kind":
      return `the old gateway's body is ${old}, the new one's ${fresh}`;
    case "field-missing":
      return `${shown(place)} (${old}) is missing in the new gateway's body`;
    case "field-added":
      return `${shown(place)} (${fresh}) is in the new gateway's body alone`;
    case "field-type":
      return `${shown(place)} is ${old} from the old gateway, and ${fresh} from the new one`;
    case "field-value":
      return `${shown(place)} has another value`;
    case "items":
      return `${shown(place)} has ${old} items from the old gateway, and ${fresh} from the new one`;
    case "body-length":
      return `the body is ${old} from the old gateway, and ${fresh} from the new one`;
    case "body-content":
      return `the body differs, and is as long (${old})`;
  }
}

/** Empty: it is not told. */
function valueOf(value: string): string {
  return value === "" ? "" : `: ${value}`;
}

function shown(place: string): string {
  return place === "" ? "the document" : place;
}

function fixOf({ kind, place, old, fresh }: Difference): string | null {
  if (kind === "status") return statusFix(old, fresh);
  if (kind === "redirect") return "compare the redirects, and the Host that the backend is told";
  if (kind === "header-missing") return `set it with set-header in outbound, or ignore it: --ignore-header ${place}`;
  if (kind === "header-added") return `remove it with set-header in outbound, or ignore it: --ignore-header ${place}`;
  if (kind === "field-value" || kind === "items") return "the data may have changed meanwhile; ask again, or ignore it";
  return null;
}

/** The usual reasons for which gateways disagree on whether a request is answered at all. */
function statusFix(was: string, is: string): string | null {
  const [old, fresh] = [Number.parseInt(was, 10), Number.parseInt(is, 10)];
  if (was.endsWith(withSlash) && fresh >= 400)
    return "add a redirect to the path with a slash, or an operation for this one";
  if (was.endsWith(withoutSlash) && fresh >= 400) {
    return "add a redirect to the path without the slash, or an operation for this one";
  }
  if (isRedirect(old) && fresh < 300)
    return "the old gateway leads to another path: add a redirect, where clients follow it";
  if (isRedirect(old) && fresh === 404) return "the old gateway leads to another path: add a redirect, or an operation";
  if (fresh === 404) return "no API or operation of the definition takes this path and method: add one";
  if (fresh === 405) return "the path is known, the method is not: add the operation";
  if (old === 404) return "the old gateway does not know this path: check whether it should be served";
  if (fresh === 401 && old < 400)
    return "send what identifies the caller to both, or compare what it may call: --header";
  if (fresh === 403 && old < 400) return "the new gateway refuses whom the old one lets in: look at its access rules";
  if ((old === 401 || old === 403) && fresh < 400)
    return "the new gateway lets in whom the old one refuses: add the rule";
  if (fresh === 429 || old === 429) return "a limit was reached at one of them: send slower (--rate)";
  if (fresh >= 502 && fresh <= 504) return "the new gateway does not reach its backend: sallyport doctor says why";
  return null;
}

function isRedirect(status: number): boolean {
  return status >= 301 && status <= 308 && status !== 304;
}
