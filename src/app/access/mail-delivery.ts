import { connect, type LookupFunction, type Socket } from "node:net";
import type { Transporter } from "nodemailer";
import { isLoopback } from "#config/checks/urls.ts";
import type { MailSettings } from "#model/announcements.ts";
import type { AccessMail } from "#products/access-message.ts";
import { parseFetchUrl } from "#upstream/destination.ts";
import { createEgressGuard, type OwnAddress } from "#upstream/egress.ts";
import type { Attempt } from "./outbox.ts";

const timeoutMs = 15_000;

/**
 * Sends one mail to one address. The connection is dialled here and not by the library, so that the rules of egress
 * hold; it says nothing in clear text but to a server on this machine.
 * @param id the same at each try: whoever gets it twice sees one mail
 */
export async function sendMail(
  settings: MailSettings,
  to: string,
  { id, ...mail }: AccessMail & { readonly id: string },
  ownAddresses: () => readonly OwnAddress[],
): Promise<Attempt> {
  try {
    const transport = await transportFor(settings, await dial(settings, ownAddresses()));
    try {
      const messageId = `<${id}@${settings.from.slice(settings.from.indexOf("@") + 1)}>`;
      const headers = { "Auto-Submitted": "auto-generated" };
      await transport.sendMail({ from: settings.from, to, ...mail, messageId, headers });
    } finally {
      transport.close();
    }
    return { outcome: "sent", why: "" };
  } catch (error) {
    return { outcome: isFinal(error) ? "refused" : "retry", why: whyOf(error) };
  }
}

/** Reading the library takes a tenth of a second, which a start need not wait for. */
async function transportFor(settings: MailSettings, connection: Socket): Promise<Transporter> {
  const { createTransport } = await import("nodemailer");
  const { host, port, secure, login } = settings;
  const here = isLoopback(host.includes(":") ? `[${host}]` : host);
  return createTransport({
    host,
    port,
    secure,
    ignoreTLS: !secure && here,
    requireTLS: !secure && !here,
    tls: { servername: host, minVersion: "TLSv1.2" },
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password.reveal() } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    getSocket: (_options, done) => done(null, { connection }),
  });
}

/** @throws GatewayError `egress-refused` for the admin API, whatever its name is */
async function dial({ host, port }: MailSettings, ownAddresses: readonly OwnAddress[]): Promise<Socket> {
  const name = host.includes(":") ? `[${host}]` : host;
  const { destination } = parseFetchUrl(`https://${name}:${port}`);
  const leave = createEgressGuard({ allow: [], ownAddresses }).checkDeclared(destination);
  const lookup: { readonly lookup?: LookupFunction } = leave === null ? {} : { lookup: leave.lookup };
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: timeoutMs, ...lookup });
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve(socket);
    });
    socket.once("timeout", () => socket.destroy(new Error("the mail server does not answer")));
    socket.once("error", reject);
  });
}

/** A 5xx of the server, RFC 5321 §4.2.1: it will say the same again. */
function isFinal(error: unknown): boolean {
  const { responseCode = 0 } = error as { readonly responseCode?: number };
  return responseCode >= 500;
}

/** Without the server's own words, which may quote what was sent. */
function whyOf(error: unknown): string {
  const { code = "unknown", responseCode } = error as { readonly code?: string; readonly responseCode?: number };
  return responseCode === undefined ? code : `${code} ${responseCode}`;
}
