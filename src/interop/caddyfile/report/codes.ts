/**
 * What a problem of an import means for whoever moves over. `note`: the same, told so that nobody is surprised.
 * `change`: served, and something can be seen to be otherwise; never weaker. `loss`: what the Caddyfile asks for does
 * not happen. `error`: Caddy itself would not take the file.
 */
export type ProblemKind = "note" | "change" | "loss" | "error";

interface Code {
  readonly kind: ProblemKind;
  readonly about: string;
}

export type ImportCode =
  | "served-to-everyone"
  | "own-way"
  | "performance-hint"
  | "needs-value"
  | "stricter"
  | "looks-different"
  | "wider"
  | "operational"
  | "directive-unsupported"
  | "option-unsupported"
  | "matcher-unsupported"
  | "placeholder-unsupported"
  | "address-unsupported"
  | "value-unsupported"
  | "caddyfile-invalid"
  | "syntax-invalid";

const code = (kind: ProblemKind, about: string): Code => ({ kind, about });

/** The closed list of what an import can say. */
export const importCodes: Readonly<Record<ImportCode, Code>> = {
  "served-to-everyone": code("note", "A Caddyfile says nothing of who may call, so the routes say `access: public`."),
  "own-way": code("note", "A matter of Caddy's own housekeeping: Sallyport has its own way and needs no setting."),
  "performance-hint": code("note", "Tunes how Caddy moves bytes; Sallyport streams with bounds of its own."),
  "needs-value": code("note", "Something outside of the Caddyfile has to be given before the definition loads."),
  stricter: code("change", "Sallyport refuses, or bounds, what Caddy lets through here."),
  "looks-different": code("change", "The same purpose; what clients or people see is worded or formed otherwise."),
  wider: code("change", "A setting of a part of a site holds for the site as a whole."),
  operational: code("change", "Logs and the like are kept otherwise: where, how much, or in which form."),
  "directive-unsupported": code("loss", "No counterpart of the directive."),
  "option-unsupported": code("loss", "No counterpart of the option."),
  "matcher-unsupported": code("loss", "No counterpart of the matcher."),
  "placeholder-unsupported": code("loss", "No counterpart of the placeholder."),
  "address-unsupported": code("loss", "A site address of a form that Sallyport does not serve."),
  "value-unsupported": code("loss", "The directive is known; this value of it is not."),
  "caddyfile-invalid": code("error", "Caddy does not take it either."),
  "syntax-invalid": code("error", "The file cannot be read."),
};
