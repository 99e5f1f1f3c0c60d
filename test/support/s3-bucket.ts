import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface S3Bucket {
  /** Of the bucket. */
  readonly url: string;
  readonly objects: Map<string, Buffer>;
  /** Why requests were refused. */
  readonly refused: string[];
  close(): Promise<void>;
}

export interface S3Key {
  readonly id: string;
  readonly secret: string;
  readonly region: string;
}

/** A stand-in for a bucket of S3: takes objects whose requests are signed, and checks that by the specification. */
export async function startS3Bucket(key: S3Key): Promise<S3Bucket> {
  const objects = new Map<string, Buffer>();
  const refused: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const problem = problemOf(request, body, key);
      if (problem === null) objects.set((request.url ?? "").replace("/records/", ""), body);
      else refused.push(problem);
      response.writeHead(problem === null ? 200 : 403).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/records`,
    objects,
    refused,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
function problemOf(request: IncomingMessage, body: Buffer, { id, secret, region }: S3Key): string | null {
  const { method = "", url = "", headers } = request;
  const [, credential = "", names = "", signature = ""] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? "",
    ) ?? [];
  const date = String(headers["x-amz-date"]);
  const day = date.slice(0, 8);
  const scope = `${day}/${region}/s3/aws4_request`;
  if (credential !== `${id}/${scope}`) return `credential ${credential}`;
  const digest = createHash("sha256").update(body);
  const sum = digest.copy().digest("hex");
  if (headers["x-amz-content-sha256"] !== sum) return "the body is not what was signed";
  if (headers["x-amz-checksum-sha256"] !== digest.digest("base64")) return "the checksum is another";
  if (!names.split(";").includes("host")) return "the host is not signed";
  const fields = names.split(";").map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, url, "", fields.join(""), names, sum].join("\n");
  const text = ["AWS4-HMAC-SHA256", date, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
  const signing = [day, region, "s3", "aws4_request"].reduce<Buffer>(
    (by, part) => createHmac("sha256", by).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  return createHmac("sha256", signing).update(text).digest("hex") === signature ? null : "the signature is wrong";
}
