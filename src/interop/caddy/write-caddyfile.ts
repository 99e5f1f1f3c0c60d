import type {
  CaddyAsk,
  CaddyOptions,
  CaddyPlan,
  CaddyProxy,
  CaddyRoute,
  CaddySite,
  CaddyStep,
  FieldValue,
} from "./plan.ts";

/** Lines of a block, each below indented by one tab more. */
type Lines = readonly (string | Lines)[];

/** The plan as a Caddyfile that every release from 2.6 on reads the same way. */
export function writeCaddyfile(plan: CaddyPlan): string {
  const options = optionLines(plan.options);
  const head: Lines = options.length === 0 ? [] : ["{", options, "}", ""];
  return [...head, ...plan.sites.flatMap((site) => [...siteLines(site), ""])]
    .flatMap((line) => indented(line, ""))
    .join("\n");
}

function indented(line: string | Lines, before: string): readonly string[] {
  if (typeof line === "string") return [line === "" ? "" : `${before}${line}`];
  return line.flatMap((inner) => indented(inner, `${before}\t`));
}

function optionLines({ email, httpPort, httpsPort, tls }: CaddyOptions): readonly string[] {
  return [
    ...(email === null ? [] : [`email ${token(email)}`]),
    ...(httpPort === null ? [] : [`http_port ${httpPort}`]),
    ...(httpsPort === null ? [] : [`https_port ${httpsPort}`]),
    ...(tls === "internal" ? ["local_certs"] : []),
  ];
}

function siteLines({ hosts, routes }: CaddySite): Lines {
  const matchers = routes.flatMap(({ paths }, at) =>
    paths === null ? [] : [`@api${at} path ${paths.map(token).join(" ")}`],
  );
  // In a route block the order is the written one.
  const inner = routes.flatMap((route, at) => routeLines(route, at));
  return [`${hosts.map(token).join(", ")} {`, [...matchers, "route {", inner, "}"], "}"];
}

function routeLines({ paths, steps }: CaddyRoute, at: number): Lines {
  const lines = steps.flatMap(stepLines);
  return paths === null ? lines : [`route @api${at} {`, lines, "}"];
}

function stepLines(step: CaddyStep): Lines {
  switch (step.kind) {
    case "remove-request-headers":
      return step.names.map((name) => `request_header -${token(name)}`);
    case "strip-prefix":
      return [`uri strip_prefix ${token(step.prefix)}`];
    case "add-prefix":
      return [`rewrite * ${token(`${step.prefix}{uri}`)}`];
    case "respond":
      return [`respond ${step.status}`];
    case "ask":
      return askLines(step);
    case "proxy":
      return proxyLines(step);
  }
}

function askLines({ dial, path, copied, set, trusted }: CaddyAsk): Lines {
  return [
    `forward_auth ${token(dial)} {`,
    [
      `uri ${token(path)}`,
      `copy_headers ${copied.map(token).join(" ")}`,
      ...fieldLines([], set),
      ...trustedLines(trusted),
    ],
    "}",
  ];
}

function proxyLines({ dials, tls, removed, set, trusted, balance, version }: CaddyProxy): Lines {
  const scheme = version === "h2c" ? "h2c://" : tls ? "https://" : "";
  const inner = [
    ...(balance === null ? [] : [`lb_policy ${balance.map(token).join(" ")}`]),
    ...fieldLines(removed, set),
    ...trustedLines(trusted),
  ];
  const start = `reverse_proxy ${dials.map((dial) => `${scheme}${token(dial)}`).join(" ")}`;
  return inner.length === 0 ? [start] : [`${start} {`, inner, "}"];
}

function fieldLines(removed: readonly string[], set: readonly FieldValue[]): readonly string[] {
  return [
    ...removed.map((name) => `header_up -${token(name)}`),
    ...set.map(({ name, value }) => `header_up ${token(name)} ${token(value)}`),
  ];
}

function trustedLines(trusted: readonly string[]): readonly string[] {
  return trusted.length === 0 ? [] : [`trusted_proxies ${trusted.map(token).join(" ")}`];
}

/** Quoted where a space, a quote, a brace at its start or a mark of a comment would end it. */
function token(text: string): string {
  return /^[^\s"`#\\{}][^\s"`\\]*$/.test(text) || /^\{[\w.>-]+\}$/.test(text)
    ? text
    : `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
