import { connect as connectTls, type PeerCertificate } from "node:tls";
import type { ProbeGateway } from "./send-probe.ts";

export interface ServedCertificate {
  readonly subjectNames: string;
  readonly issuer: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

const patienceMs = 10_000;

/** The certificate that a host is served with, verified as a client would. @returns what went wrong, in words */
export function servedCertificate(
  { connect, ca }: ProbeGateway,
  host: string,
  port: number,
): Promise<ServedCertificate | string> {
  return new Promise((resolve) => {
    const socket = connectTls({
      host: connect?.host ?? host,
      port: connect?.port ?? port,
      servername: host,
      ca: [...ca],
      ALPNProtocols: ["http/1.1"],
    });
    const end = (outcome: ServedCertificate | string): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(patienceMs, () => end(`no handshake within ${patienceMs / 1000} s`));
    socket.on("error", (error) => end(error.message));
    socket.on("secureConnect", () => end(shown(socket.getPeerCertificate())));
  });
}

function shown({ subjectaltname, issuer, valid_from, valid_to }: PeerCertificate): ServedCertificate {
  return {
    subjectNames: subjectaltname ?? "",
    issuer: [issuer.O, issuer.CN].flat().filter(Boolean).join(" "),
    notBefore: Date.parse(valid_from),
    notAfter: Date.parse(valid_to),
  };
}
