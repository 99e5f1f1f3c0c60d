import { readFileSync } from "node:fs";
import type { IncomingMessage, RequestOptions } from "node:http";
import { request as secureRequest } from "node:https";
import { resolve } from "node:path";
import { request as plainRequest } from "#lib/node-http.ts";
import { type Command, InvalidArgumentError, Option } from "commander";
import { adminSocketPath } from "#app/admin-socket.ts";
import { type DataOption, withDataOption } from "#cli/data-option.ts";
import { problem } from "#cli/failure.ts";

/** Options of every command that talks to a running gateway. */
export interface AdminOptions extends DataOption {
  readonly adminUrl?: URL;
  readonly adminCa?: string;
}

export function withAdminOptions(command: Command): Command {
  return withDataOption(command)
    .addOption(
      new Option("--admin-url <url>", "its admin API over TCP; the token is read from SALLYPORT_ADMIN_TOKEN")
        .env("SALLYPORT_ADMIN_URL")
        .argParser(parseUrl),
    )
    .addOption(new Option("--admin-ca <file>", "PEM file of the CA that it is trusted by").env("SALLYPORT_ADMIN_CA"));
}

/** A token over plain HTTP would be everybody's. */
function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === "https:" && url.pathname === "/" && url.search === "" && url.username === "") return url;
  throw new InvalidArgumentError("It takes https://host:port.");
}

export interface AdminReply {
  readonly status: number;
  readonly etag: string;
  readonly text: string;
}

export interface AdminRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A failure that a person reads as it is; ends the command with `exitCode`. */
export class AdminFailure extends Error {
  readonly exitCode: 1 | 2 | 3;

  constructor(message: string, exitCode: 1 | 2 | 3 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const timeoutMs = 60_000;

/** One call. @throws AdminFailure when no gateway answers */
export function askGateway(
  options: AdminOptions,
  method: string,
  path: string,
  { headers = {}, body }: AdminRequest = {},
): Promise<AdminReply> {
  const { target, send } = route(options);
  return new Promise((settle, fail) => {
    const call = send({ ...target, method, path, agent: false, headers: { ...target.headers, ...headers } });
    call.setTimeout(timeoutMs, () => call.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    call.on("error", (error: NodeJS.ErrnoException) => fail(unreachable(options, error)));
    call.on("response", (response) => void read(response).then(settle, (error) => fail(unreachable(options, error))));
    call.end(body);
  });
}

interface Route {
  readonly target: RequestOptions & { readonly headers: Readonly<Record<string, string>> };
  readonly send: typeof plainRequest;
}

function route({ data, adminUrl, adminCa }: AdminOptions): Route {
  if (adminUrl === undefined) {
    return {
      target: { socketPath: adminSocketPath(resolve(data)), headers: { Host: "localhost" } },
      send: plainRequest,
    };
  }
  const token = process.env["SALLYPORT_ADMIN_TOKEN"] ?? "";
  if (token === "") {
    const fix = "get one from the provider of admin.provider, with the audience of admin.audience";
    throw new AdminFailure(problem("SALLYPORT_ADMIN_TOKEN is not set", "token-missing", fix));
  }
  const { hostname, port } = adminUrl;
  const host = hostname.replace(/^\[|\]$/g, "");
  const ca = adminCa === undefined ? {} : { ca: readFileSync(adminCa) };
  const target = { host, port: port === "" ? 443 : port, ...ca, headers: { Authorization: `Bearer ${token}` } };
  return { target, send: secureRequest };
}

async function read(response: IncomingMessage): Promise<AdminReply> {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, etag: response.headers.etag ?? "", text };
}

function unreachable({ data, adminUrl }: AdminOptions, error: NodeJS.ErrnoException): AdminFailure {
  const place = adminUrl === undefined ? adminSocketPath(resolve(data)) : adminUrl.origin;
  const fixes: Readonly<Record<string, string>> = {
    EACCES: "run this as the user that the gateway runs as",
    ENOENT: "name the data folder that the gateway runs with: --data <folder>",
    ECONNREFUSED: "start the gateway",
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: "name the CA: --admin-ca <file> (ca/root.crt of the gateway's data folder)",
    SELF_SIGNED_CERT_IN_CHAIN: "name the CA: --admin-ca <file> (ca/root.crt of the gateway's data folder)",
  };
  const fix = fixes[error.code ?? ""] ?? "is the gateway running, and is this its address?";
  return new AdminFailure(problem(`no gateway answers at ${place}: ${error.message}`, "admin-unreachable", fix));
}
