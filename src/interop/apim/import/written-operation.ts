/** An operation to write out. */
export interface WrittenOperation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
}

/** `/files/*` takes the rest of a path; a query is no part of a template. */
export function servable(template: string): string {
  const path = template.replace(/[?#].*$/s, "").replace(/\/\*$/, "/{*rest}");
  return path.startsWith("/") ? path : `/${path}`;
}
