import { Buffer } from "node:buffer";
import type { ReadStream } from "node:tty";

/** What was given cannot be a password. */
export class PasswordInputError extends Error {}

const maxBytes = 1024;
const backspace: ReadonlySet<string> = new Set(["\b", "\u007f"]);
const leave: ReadonlySet<string> = new Set(["\u0003", "\u0004"]);

/** All of a stream, without the line end that editors and `echo` put behind it. @throws PasswordInputError */
export async function readPassword(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBytes + 2) throw new PasswordInputError(`a password has ${maxBytes} bytes at most`);
    chunks.push(bytes);
  }
  return checked(
    Buffer.concat(chunks)
      .toString("utf8")
      .replace(/\r?\n$/, ""),
  );
}

/** Twice, as nobody sees what they type. @throws PasswordInputError */
export async function askTwice(input: ReadStream, output: NodeJS.WritableStream): Promise<string> {
  const first = checked(await askHidden(input, output, "Password: "));
  if ((await askHidden(input, output, "Again: ")) !== first) throw new PasswordInputError("the two are not the same");
  return first;
}

function checked(password: string): string {
  if (password === "") throw new PasswordInputError("there is no password");
  if (Buffer.byteLength(password) > maxBytes) throw new PasswordInputError(`a password has ${maxBytes} bytes at most`);
  // oxlint-disable-next-line no-control-regex -- a client cannot send them
  if (/[\u0000-\u001f\u007f]/.test(password)) throw new PasswordInputError("a password has no control characters");
  return password;
}

function askHidden(input: ReadStream, output: NodeJS.WritableStream, question: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed: readonly string[] = [];
  const end = (): void => {
    input.off("data", take);
    input.setRawMode(false);
    input.pause();
    output.write("\n");
  };
  const take = (chunk: Buffer | string): void => {
    for (const key of String(chunk)) {
      if (key === "\r" || key === "\n") {
        end();
        return resolve(typed.join(""));
      }
      if (leave.has(key)) {
        end();
        return reject(new PasswordInputError("there is no password"));
      }
      typed = backspace.has(key) ? typed.slice(0, -1) : [...typed, key];
    }
  };
  output.write(question);
  input.setEncoding("utf8");
  input.setRawMode(true);
  input.on("data", take);
  input.resume();
  return promise;
}
