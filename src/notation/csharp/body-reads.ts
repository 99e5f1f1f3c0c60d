import { bindExpressionText } from "./bind/bind-text.ts";
import { CsharpProblem } from "./syntax/problem.ts";

/** What has to be in memory before the expression runs. A source that does not compile reads nothing: it never runs. */
export function csharpBodyReads(source: string): { readonly request: boolean; readonly response: boolean } {
  if (!source.includes("Body")) return none;
  try {
    const { reads } = bindExpressionText(source, "any").binder;
    return { request: reads.request, response: reads.response && reads.responseBody };
  } catch (error) {
    if (error instanceof CsharpProblem) return none;
    throw error;
  }
}

const none = { request: false, response: false };
