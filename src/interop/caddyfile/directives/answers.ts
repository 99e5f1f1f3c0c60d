import { type DirectiveSpec, type Directive, piece } from "#interop/caddyfile/site/scope.ts";
import { isPlain, textToTemplate } from "#interop/caddyfile/words/text.ts";
import type { Piece } from "#interop/caddyfile/site/piece.ts";
import type { Policy } from "#interop/caddyfile/target/policy.ts";

const codes: Readonly<Record<string, number>> = { temporary: 302, permanent: 301 };

/** What answers without a backend. */
export const answerDirectives: Readonly<Record<string, DirectiveSpec>> = {
  respond: {
    matched: true,
    maps: "`return-response`; headers of `header` and compression apply to it",
    translate: (directive) => ended(directive, respond(directive)),
  },
  redir: { matched: true, maps: "`return-response` with Location", translate: redirect },
  error: {
    matched: true,
    maps: "`refuse`; `on-error` runs",
    translate: (directive) => {
      const [first = "500", second] = directive.args;
      const isCode = second === undefined && /^\d{3}$/.test(first);
      const status = isCode ? first : (second ?? "500");
      const message = isCode ? option(directive, "message") : first;
      const told = message === undefined ? {} : { message: textToTemplate(message, directive.names) };
      return piece(directive, [{ refuse: { status: statusOf(status, directive), ...told } }], { ends: "always" });
    },
  },
  abort: {
    matched: true,
    maps: "`drop-connection`",
    translate: (directive) => {
      if (directive.scope.moment !== "request")
        directive.say("option-unsupported", "abort, where a response is there already");
      return piece(directive, ["drop-connection" as unknown as Policy], { ends: "always" });
    },
  },
};

function option({ line }: Directive, name: string): string | undefined {
  return line.block?.find((one) => one.name.text === name)?.args[0]?.text;
}

export function statusOf(text: string, { names, say }: Pick<Directive, "names" | "say">): number | string {
  if (/^\d{3}$/.test(text)) {
    // Whoever sends 1xx as an end has no end.
    if (Number(text) >= 200 && Number(text) < 600) return Number(text);
    say("value-unsupported", `status ${text} ends no response`);
    return 200;
  }
  if (!isPlain(text)) return `\${int(${textToTemplate(text, names).replace(/^\$\{|\}$/g, "")})}`;
  say("caddyfile-invalid", `${text} is no status`);
  return 500;
}

/** Where a response is there already, what answers does not end the section: the rules for headers follow. */
function ended(directive: Directive, answer: Policy): Piece {
  const { moment, site } = directive.scope;
  if (moment === "request") return piece(directive, [answer], { ends: "always" });
  return piece(directive, [answer, ...site.mark()], { ends: "always", hands: true });
}

function respond(directive: Directive): Policy {
  const { args, line, names, scope, say } = directive;
  const [first, second] = args;
  const isStatus = second === undefined && first !== undefined && /^(?:\d{3}|\{[^{}]+\.status_code\})$/.test(first);
  for (const { name } of line.block ?? []) {
    if (name.text === "close") say("own-way", "close: connections stay open, or not, as HTTP says", name);
    else if (name.text !== "body") say("caddyfile-invalid", `respond has no ${name.text}`, name);
  }
  const body = (isStatus ? undefined : first) ?? option(directive, "body");
  const status = isStatus ? first : second;
  const given =
    status === undefined ? (scope.moment === "error" ? "${response.status}" : undefined) : statusOf(status, directive);
  return returnResponse(given, body === undefined || body === "" ? undefined : textToTemplate(body, names));
}

export function returnResponse(
  status?: number | string,
  body?: string,
  headers: Readonly<Record<string, unknown>> = {},
): Policy {
  const typed = body === undefined ? headers : { "Content-Type": typeOf(body), ...headers };
  return {
    "return-response": {
      ...(status === undefined ? {} : { status }),
      ...(Object.keys(typed).length === 0 ? {} : { headers: typed }),
      ...(body === undefined ? {} : { body }),
      outbound: true,
    },
  };
}

/** A body that is JSON, whatever stands for its placeholders, is said to be. */
function typeOf(template: string): string {
  const sample = template.replaceAll(/\$\{[^}]*\}/g, "0").trim();
  if (!/^(?:\{[^]*\}|\[[^]*\])$/.test(sample)) return "text/plain; charset=utf-8";
  try {
    JSON.parse(sample);
    return "application/json";
  } catch {
    return "text/plain; charset=utf-8";
  }
}

function redirect(directive: Directive): ReturnType<DirectiveSpec["translate"]> {
  const { args, names, say } = directive;
  const [to = "", code = "302"] = args;
  if (to === "")
    say("caddyfile-invalid", "redir needs a destination: what starts with a slash and stands first is a matcher");
  if (code === "html") say("value-unsupported", "redir … html is a page that redirects");
  const status = codes[code] ?? (code === "html" ? 302 : statusOf(code, directive));
  const location = textToTemplate(to, names);
  return ended(directive, returnResponse(status, undefined, { Location: location }));
}
