import type { PolicyNode } from "./policy-tree.ts";

/**
 * What ends a route: how a request that was let through is answered. A closed set, decided when the definition is
 * compiled; nobody but the pipeline runs one, and only with the exchange's permit.
 */
export type Handler = ProxyHandler | AnswerHandler | FilesHandler | AcmeHandler | FastCgiHandler;

/** The backend that the exchange's draft names. */
export interface ProxyHandler {
  readonly kind: "proxy";
}

/** A policy that answers: `return-response` for `respond`, `redirect` for `redirect`. */
export interface AnswerHandler {
  readonly kind: "answer";
  readonly policy: PolicyNode;
}

/** A folder of files. */
export interface FilesHandler {
  readonly kind: "files";
  /** Absolute. */
  readonly root: string;
  /** Names to look for in a folder, in order. */
  readonly index: readonly string[];
  /** Paths to try in order, `{path}` being the request's; empty: the path itself. */
  readonly tryFiles: readonly string[];
  /** Which compressed forms may lie beside a file, the one to prefer first. */
  readonly precompressed: readonly ("zstd" | "br" | "gzip")[];
  /** Names (`*` is any run of characters), or paths from the root, that are as if they were not there. */
  readonly hide: readonly string[];
  readonly cacheControl: string | null;
  /** A folder without its slash is given its index as it is; absent: a redirect adds the slash. */
  readonly canonical?: false;
  /** Path of the page that goes with 404. */
  readonly notFound: string | null;
  /** A folder without an index is listed. Absent: it is as if it were not there. */
  readonly browse?: true;
}

/** The internal CA's ACME server. */
export interface AcmeHandler {
  readonly kind: "acme";
  /** Name of the API, and of its entry in `Definition.acmeServers`. */
  readonly server: string;
}

/** What `net.connect` takes. */
export type FastCgiAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** A folder whose scripts an application server runs; what else lies in it is served as files. */
export interface FastCgiHandler extends Pick<FilesHandler, "root" | "hide" | "precompressed" | "cacheControl"> {
  readonly kind: "fastcgi";
  readonly address: FastCgiAddress;
  /** The root as the server sees it. */
  readonly scriptRoot: string;
  readonly index: string;
  /** Path of the script that answers for what is not there; null: 404. */
  readonly fallback: string | null;
  /** Lower case, with the dot. */
  readonly extensions: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly connectTimeoutMs: number;
  readonly maxConnections: number;
  /** Idle connections that are kept. */
  readonly keep: number;
}
