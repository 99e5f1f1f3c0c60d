import { Buffer } from "node:buffer";
import type { Egress } from "#model/ports.ts";
import { ocspRequest } from "./request.ts";
import type { OcspTarget } from "./target.ts";

const patienceMs = 10_000;
const maxBytes = 64 * 1024;

/** Asks a certificate's responder. @returns DER, unread @throws Error that says what is wrong @see RFC 6960 appendix A */
export async function fetchOcspAnswer(
  { responder, id }: OcspTarget,
  egress: Egress,
  timeoutMs: number = patienceMs,
): Promise<Buffer> {
  const { host } = new URL(responder);
  const { status, body } = await egress
    .fetch({
      url: responder,
      method: "POST",
      headers: ["Content-Type", "application/ocsp-request", "Accept", "application/ocsp-response"],
      body: ocspRequest(id),
      timeoutMs,
      maxBytes,
      declared: false,
    })
    .catch((error: Error) => {
      throw new Error(`${host} cannot be reached: ${error.message}`, { cause: error });
    });
  if (status !== 200) throw new Error(`${host} answered ${status}`);
  return Buffer.from(body);
}
