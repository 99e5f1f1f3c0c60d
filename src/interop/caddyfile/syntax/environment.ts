const variable = /\{\$([^{}:]+)(?::([^{}]*))?\}/g;

/** Fills `{$NAME}` and `{$NAME:default}`, as Caddy does before it reads anything else. */
export function fillEnvironment(source: string, variables: Readonly<Record<string, string | undefined>>): string {
  return source.replace(variable, (_whole, name: string, fallback: string = "") => variables[name] || fallback);
}
