/** Caddy's order of directives. */
export const usualOrder: readonly string[] = [
  "tracing",
  "map",
  "vars",
  "fs",
  "root",
  "log_append",
  "skip_log",
  "log_skip",
  "log_name",
  "header",
  "copy_response_headers",
  "request_body",
  "redir",
  "method",
  "rewrite",
  "uri",
  "try_files",
  "basicauth",
  "basic_auth",
  "forward_auth",
  "request_header",
  "encode",
  "push",
  "intercept",
  "templates",
  "invoke",
  "handle",
  "handle_path",
  "route",
  "abort",
  "error",
  "copy_response",
  "respond",
  "metrics",
  "reverse_proxy",
  "php_fastcgi",
  "file_server",
  "acme_server",
];

interface Sorted {
  readonly directive: string;
  readonly matcher: { readonly path: string | null; readonly isThere: boolean };
}

/** Sorts as Caddy does: by directive, then the more specific path first; `vars` the other way round. */
export function sortDirectives<T extends Sorted>(pieces: readonly T[], order: readonly string[]): readonly T[] {
  const place = (name: string): number => order.indexOf(name === "handle_path" ? "handle" : name);
  return pieces.toSorted((a, b) => {
    const byDirective = place(a.directive) - place(b.directive);
    if (byDirective !== 0) return byDirective;
    const first = goesFirst(a, b);
    const second = goesFirst(b, a);
    const sign = a.directive === "vars" ? -1 : 1;
    return first === second ? 0 : first ? -sign : sign;
  });
}

function goesFirst({ matcher: a }: Sorted, { matcher: b }: Sorted): boolean {
  if (a.path !== null && b.path !== null) {
    if (trimmed(a.path) === trimmed(b.path)) return a.path.length < b.path.length;
    return a.path.length > b.path.length;
  }
  return a.isThere && !b.isThere;
}

function trimmed(path: string): string {
  return path.replace(/\*$/, "");
}
