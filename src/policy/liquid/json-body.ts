import { DateDrop } from "#notation/liquid/date-drop.ts";
import { parseNetDate } from "#notation/liquid/net-date.ts";
import { expressionFailed } from "#policy/failure.ts";

/** Without it no text of the body can be a date, and looking at each member costs more than parsing does. */
const dateLike = /"\d{4}-\d\d-\d\dT\d\d:/;

/**
 * What a template sees of a body in JSON.
 * @param dates texts like dates become dates, as Newtonsoft makes them
 * @throws GatewayError `expression-failed` for what is no JSON
 */
export function jsonForLiquid(text: string, dates: boolean): unknown {
  try {
    return dates && dateLike.test(text) ? JSON.parse(text, dateOrItself) : JSON.parse(text);
  } catch {
    throw expressionFailed("the body is no JSON");
  }
}

function dateOrItself(_name: string, value: unknown): unknown {
  const date = typeof value === "string" ? parseNetDate(value) : undefined;
  return date === undefined ? value : new DateDrop(date);
}
