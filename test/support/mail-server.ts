import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

/** Of the user `gateway`. */
export const mailPassword = "mail-password-0123456789";

export interface Mail {
  readonly to: string;
  readonly text: string;
}

export interface MailServer {
  readonly port: number;
  /** Newest last. */
  readonly mails: readonly Mail[];
  close(): void;
}

/** A mail server as others run one: it takes mail from whoever logs in. */
export async function startMailServer(): Promise<MailServer> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: false,
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    onAuth: ({ username, password }, _session, done) =>
      username === "gateway" && password === mailPassword ? done(null, { user: "gateway" }) : done(new Error("no")),
    onData: (stream, { envelope }, done) => {
      let text = "";
      stream.on("data", (chunk: Buffer) => void (text += String(chunk)));
      stream.on("end", () => {
        mails.push({
          to: envelope.rcptTo.map(({ address }) => address).join(),
          text: text.replaceAll("=\r\n", "").replaceAll("=3D", "="),
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return { port: (server.server.address() as AddressInfo).port, mails, close: () => server.close(() => {}) };
}
