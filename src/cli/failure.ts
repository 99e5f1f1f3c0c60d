import { GatewayError } from "#model/errors.ts";

/** One line for a person: what failed and its stable code; a stack only for what nobody foresaw. */
export function describeFailure(error: unknown): string {
  if (error instanceof GatewayError) return `sallyport: ${error.message} (${error.code})`;
  if (error instanceof Error) return `sallyport: ${error.stack ?? error.message}`;
  return `sallyport: ${String(error)}`;
}
