import { expressionFailed } from "./failure.ts";

/** `token` of RFC 9110 §9.1: anything else could hold a space or a line end, and so another request. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}$/;

/** @throws GatewayError `expression-failed` */
export function checkedMethod(text: string): string {
  if (token.test(text) && text !== "CONNECT" && text !== "TRACE") return text;
  throw expressionFailed("set-method gave what is no method, or one that is never forwarded");
}
