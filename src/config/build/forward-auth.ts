import { hash } from "node:crypto";
import type { ForwardAuthSettings, HeaderSecret } from "#model/definition.ts";
import type { SourcePosition } from "#model/diagnostic.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { ForwardAuthInput, HeaderSecretInput } from "#config/table/forward-auth.ts";
import type { Located } from "#config/shapes/shape.ts";

export function buildForwardAuth(
  { value, at }: Located<ForwardAuthInput>,
  resources: Resources,
  problems: Problems,
): ForwardAuthSettings | null {
  const { path, hosts, callers, secret, question, login } = value;
  if (callers.length === 0 && secret === undefined) {
    const fix = "write callers: [10.0.0.5], or secret: { header: X-Forward-Auth, value: { env: … } }";
    problems.error("key-missing", at, "edge.forwardAuth does not say who may ask", fix);
  }
  if (path === undefined) return null;
  const shown = secret === undefined ? null : buildHeaderSecret(secret, at, resources, problems);
  return { path, hosts, callers, secret: shown, question, ...(login === "status" ? { login } : {}) };
}

/** Null also when it could not be read, which has been reported. */
export function buildHeaderSecret(
  { header, value }: HeaderSecretInput,
  at: SourcePosition,
  { secrets }: Resources,
  problems: Problems,
): HeaderSecret | null {
  const text = value === undefined ? undefined : secrets.get(value)?.reveal();
  if (header === undefined || value === undefined || text === undefined) return null;
  if (!/^[\x21-\x7e]{16,256}$/.test(text)) {
    const message = "the secret of a header has 16 to 256 printable characters without spaces";
    problems.error("value-invalid", value.at ?? at, message, "make one with openssl rand -hex 24");
  }
  return { header, secret: true, value: hash("sha256", text, "base64") };
}
