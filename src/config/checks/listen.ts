import { isIP } from "node:net";
import type { ListenAddress } from "#model/definition.ts";
import type { Parsed } from "#config/shapes/text.ts";

/** `127.0.0.1:8443`, `[::1]:8443`, `localhost:8443`, or `:8443` for every address of the machine. */
export function parseListen(text: string): Parsed<ListenAddress> {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? (plain === "" ? "::" : plain);
  const port = Number(digits);
  const isHost =
    bracketed === undefined ? host === "::" || host === "localhost" || isIP(host ?? "") === 4 : isIP(bracketed) === 6;
  if (host === undefined || !isHost || port > 65_535) {
    return {
      problem: `${text} is not an address to listen on`,
      fix: "write 127.0.0.1:8443, [::1]:8443 or :8443 (all addresses)",
    };
  }
  return { value: { host, port } };
}
