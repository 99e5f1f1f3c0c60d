import type { AcmeResponse } from "./acme-types.ts";

export function json(status: number, value: object, headers: readonly string[] = []): AcmeResponse {
  return { status, headers: ["Content-Type", "application/json", ...headers], body: JSON.stringify(value) };
}
