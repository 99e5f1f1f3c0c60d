/** An operation to write out. */
export interface WrittenOperation {
  readonly name: string;
  /** What the specification calls it, where that cannot be a name here. */
  readonly id?: string;
  readonly method: string;
  readonly path: string;
}

/** `/files/*` takes the rest of a path; a query is no part of a template. */
export function servable(template: string): string {
  const path = template.replace(/[?#].*$/s, "").replace(/\/\*$/, "/{*rest}");
  return path.startsWith("/") ? path : `/${path}`;
}

/** For an operation without a name: `get-orders-id`, as operations of OpenAPI documents are called. */
export function nameOfOperation(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return [method.toLowerCase(), ...words].join("-").slice(0, 80);
}
