import { CaddyfileError } from "#interop/caddyfile/syntax/token.ts";
import { type Directive, type DirectiveSpec, piece, type Scope } from "#interop/caddyfile/site/scope.ts";
import type { Joined } from "#interop/caddyfile/site/piece.ts";
import { stripPrefix } from "./rewrites.ts";

export const blockDirectives: Readonly<Record<string, DirectiveSpec>> = {
  handle: {
    matched: true,
    maps: "`choose`: the first that matches runs",
    translate: (directive) => piece(directive, ...inner(directive, apart(directive.scope), true, "handle")),
  },
  handle_path: {
    matched: true,
    maps: "`choose` and `set-target`",
    translate: (directive) => {
      const { path } = directive.matcher;
      if (path === null) directive.say("caddyfile-invalid", "handle_path needs one path");
      const [policies, more] = inner(directive, apart(directive.scope), true, "handle");
      return piece(directive, [stripPrefix((path ?? "").replace(/\*$/, ""), directive), ...policies], more);
    },
  },
  route: {
    matched: true,
    maps: "policies in the order that is written",
    translate: (directive) => piece(directive, ...inner(directive, directive.scope, false)),
  },
  invoke: { matched: true, maps: "the named route's policies, in its place", translate: invoke },
};

/** Branches of which one runs do not see each other's folder. */
function apart(scope: Scope): Scope {
  return { ...scope, root: { ...scope.root }, tries: { current: scope.tries.current } };
}

type Made = readonly [Joined["policies"], Partial<ReturnType<typeof piece>>];

function inner(directive: Directive, scope: Scope, ordered: boolean, group?: string): Made {
  const { policies, ends, hands } = directive.compile(directive.line.block ?? [], scope, ordered);
  return [policies, { ends, hands, ...(group === undefined ? {} : { group }) }];
}

function invoke(directive: Directive): ReturnType<DirectiveSpec["translate"]> {
  const { args, scope, token } = directive;
  const [name = ""] = args;
  const lines = scope.site.routes.get(name);
  if (lines === undefined) throw new CaddyfileError(`there is no route &(${name})`, token);
  if (scope.invoking.includes(name)) throw new CaddyfileError(`the route ${name} invokes itself`, token);
  const nested = { ...scope, invoking: [...scope.invoking, name] };
  const { policies, ends, hands } = directive.compile(lines, nested, false);
  return piece(directive, policies, { ends, hands });
}
