import { type DirectiveSpec, piece } from "#interop/caddyfile/site/scope.ts";
import { answerDirectives } from "./answers.ts";
import { authDirectives } from "./auth.ts";
import { blockDirectives } from "./blocks.ts";
import { contentDirectives } from "./content.ts";
import { headerDirectives } from "./headers.ts";
import { phpDirectives } from "./php.ts";
import { proxyDirectives } from "./proxy.ts";
import { responseDirectives } from "./responses.ts";
import { rewriteDirectives } from "./rewrites.ts";
import { variableDirectives } from "./variables.ts";

const refused = (why: string): DirectiveSpec => ({
  matched: true,
  maps: `refused: ${why}`,
  translate: (directive) => {
    directive.say("directive-unsupported", `${directive.name}: ${why}`);
    return piece(directive, []);
  },
});

const operational = (why: string): DirectiveSpec => ({
  matched: true,
  maps: `noted: ${why}`,
  translate: (directive) => {
    directive.say("operational", `${directive.name}: ${why}`);
    return piece(directive, []);
  },
});

/** Every directive that stands in the order of directives, and what it becomes. */
export const directives: Readonly<Record<string, DirectiveSpec>> = {
  ...answerDirectives,
  ...authDirectives,
  ...blockDirectives,
  ...contentDirectives,
  ...headerDirectives,
  ...phpDirectives,
  ...proxyDirectives,
  ...responseDirectives,
  ...rewriteDirectives,
  ...variableDirectives,
  log_append: operational("the access log has fields of its own"),
  log_skip: operational("every request is in the record; `logs.access` has all of them"),
  skip_log: operational("as `log_skip`"),
  log_name: operational("there is one access log"),
  tracing: operational("`telemetry` of the definition sends traces"),
  templates: refused("pages are not computed here"),
  push: refused("browsers have given up HTTP/2 push"),
  metrics: refused("metrics are served by the admin API alone, for those who may see them"),
  fs: refused("files come from the disk"),
  acme_server: refused("write `acmeServer` of an API by hand: names that certificates may be for have to be said"),
};

/** Directives of a site as a whole: they stand in no order. */
export const siteDirectives: Readonly<Record<string, string>> = {
  bind: "`edge.listen`",
  tls: "`edge.https`, `edge.acme`, `edge.certificates`, `edge.clientCertificates`",
  log: "`logs.access`",
  handle_errors: "`on-error`",
};

export function isDirective(name: string): boolean {
  return name in directives || name in siteDirectives || name === "import";
}
