import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import { both } from "#interop/caddyfile/words/cel.ts";
import { textToTemplate } from "#interop/caddyfile/words/text.ts";
import { headersCondition } from "#interop/caddyfile/match/kinds.ts";
import { type Directive, type DirectiveSpec, piece } from "#interop/caddyfile/site/scope.ts";
import { choose, type Policy } from "#interop/caddyfile/target/policy.ts";
import { statusOf } from "./answers.ts";
import { statusCondition } from "./values.ts";

export const responseDirectives: Readonly<Record<string, DirectiveSpec>> = {
  intercept: {
    matched: true,
    maps: "`choose` in `outbound`",
    translate: (directive) => {
      const id = directive.scope.site.nextOutbound();
      directive.scope.site.addOutbound(id, [], "late");
      responseRoutes(directive.line.block ?? [], directive, id);
      return piece(directive, [], { outbound: id });
    },
  },
  copy_response: {
    matched: true,
    maps: "the response goes on; its status may change",
    translate: (directive) => {
      const [status] = directive.args;
      return piece(directive, status === undefined ? [] : [{ "set-status": statusOf(status, directive) }], {
        ends: "always",
      });
    },
  },
  copy_response_headers: {
    matched: true,
    maps: "refused where it includes or excludes fields",
    translate: (directive) => {
      const [first] = directive.line.block ?? [];
      if (first !== undefined)
        directive.say("option-unsupported", `copy_response_headers ${first.name.text}`, first.name);
      return piece(directive, []);
    },
  },
};

/**
 * `handle_response` and `replace_status`: the first whose response matcher fits runs, where the request came through
 * `directive`. Those without a matcher come last.
 */
export function responseRoutes(lines: readonly Line[], directive: Directive, id: string): void {
  const matchers = new Map(lines.filter(({ name }) => name.text.startsWith("@")).map((line) => [line.name.text, line]));
  const routes = lines.filter(({ name }) => name.text === "handle_response" || name.text === "replace_status");
  if (routes.length === 0) return;
  const scope = { ...directive.scope, moment: "response" as const, matchers: new Map<string, Line>() };
  const when = routes
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .map((route) => {
      directive.scope.site.report.count(route);
      const [name] = route.args;
      const line = isOpen(route) ? undefined : matchers.get(name?.text ?? "");
      const condition = line === undefined ? "true" : responseCondition(line, directive);
      const policies =
        route.name.text === "replace_status"
          ? replaceStatus(route.args.at(-1)?.text ?? "200", directive)
          : directive.compile(route.block ?? [], scope, true).policies;
      return { condition, policies };
    });
  const { site } = directive.scope;
  site.extendOutbound(id, [...site.unmark(), choose(when)]);
}

/** Caddy has read each `replace_status` before it reads what `handle_response` holds. */
function placeOf(route: Line): number {
  return isOpen(route) ? 2 : route.name.text === "replace_status" ? 0 : 1;
}

function isOpen({ args }: Line): boolean {
  return args[0]?.text.startsWith("@") !== true;
}

/** The upstream's own status stays where the new one is said to be the error's, and there is none. */
function replaceStatus(status: string, directive: Directive): readonly Policy[] {
  if (/^\{(?:http\.error|err)\.status_code\}$/.test(status)) return [];
  const names = { ...directive.names, moment: "response" as const };
  return [
    {
      "set-status": /^\d{3}$/.test(status)
        ? Number(status)
        : `\${int(${textToTemplate(status, names).replace(/^\$\{|\}$/g, "")})}`,
    },
  ];
}

/** CEL over the response, of `match` or a matcher by name. */
export function responseCondition(
  { args, block }: Pick<Line, "args" | "block">,
  { names, say, token }: Pick<Directive, "names" | "say" | "token">,
): string {
  const lines = block ?? (args[0] === undefined ? [] : [{ name: args[0], args: args.slice(1), block: null }]);
  const of = (kind: string): readonly Line[] => lines.filter(({ name }) => name.text === kind);
  const other = lines.find(({ name }) => name.text !== "status" && name.text !== "header");
  if (other !== undefined) say("matcher-unsupported", `a response matcher ${other.name.text}`, other.name);
  const statuses = of("status").flatMap((line) => line.args.map(({ text }) => text));
  const context = {
    names,
    say: () => {},
    place: { file: token.file, line: token.line },
    setName: "",
    addCapture: () => {},
    lookFor: () => "false",
    wantedGroups: new Set<string>(),
    kinds: {},
    nested: () => "false",
  };
  const fields = headersCondition(
    of("header").map((line) => line.args),
    context,
    "response.headers",
  );
  return both([statusCondition(statuses, "response.status"), fields]);
}
