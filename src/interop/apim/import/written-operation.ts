import { parseOperationTemplate, queryText } from "#notation/operation-template.ts";

/** An operation to write out. */
export interface WrittenOperation {
  readonly name: string;
  /** What the specification calls it, where that cannot be a name here. */
  readonly id?: string;
  readonly method: string;
  readonly path: string;
}

/** `/files/*` takes the rest of a path. */
export function servable(template: string): string {
  const [written = ""] = template.split("#", 1);
  const [path = "", ...query] = written.split("?");
  const whole = [path.replace(/\/\*$/, "/{*rest}"), ...query].join("?");
  return whole.startsWith("/") ? whole : `/${whole}`;
}

/** In one spelling, where it is one that can be served. */
export function respelled(template: string): string {
  const parsed = parseOperationTemplate(template);
  return "problem" in parsed ? template : parsed.template + queryText(parsed.query);
}

/** For an operation without a name: `get-orders-id`, as operations of OpenAPI documents are called. */
export function nameOfOperation(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return [method.toLowerCase(), ...words].join("-").slice(0, 80);
}
