import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { AwsV4Signer } from "aws4fetch";
import type { S3Target } from "#model/sinks.ts";
import { deliveredBy, failedWith } from "./answer.ts";
import type { Deliver, SentRecord } from "./delivery.ts";
import type { CallPorts } from "./webhook.ts";

const maxAnswerBytes = 64 * 1024;
const compress = promisify(gzip);

/** An object a batch: lines of JSON, packed. */
export function s3Delivery(target: S3Target, { egress, clock, timeoutMs, ca }: CallPorts): Deliver {
  return async (records) => {
    try {
      const body = await compress(Buffer.from(records.map(({ text }) => `${text}\n`).join("")));
      const url = `${target.bucket}/${objectName(target.prefix, records)}`;
      const headers = await signedHeaders(target, url, body, clock.now());
      const answer = await egress.fetch({
        url,
        method: "PUT",
        headers,
        body,
        timeoutMs,
        maxBytes: maxAnswerBytes,
        keepAlive: true,
        declared: true,
        ...(ca === null ? {} : { ca }),
      });
      return deliveredBy(answer);
    } catch (error) {
      return failedWith(error);
    }
  };
}

/** By day, and within it by time, as ids are. The same records have the same name: a second try replaces the first. */
export function objectName(prefix: string, records: readonly SentRecord[]): string {
  const [first, last] = [records[0]?.record, records.at(-1)?.record];
  const day = (first?.time ?? "").slice(0, 10).replaceAll("-", "/");
  return `${prefix}${day}/${first?.id ?? ""}_${last?.id ?? ""}.jsonl.gz`;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
async function signedHeaders(target: S3Target, url: string, body: Uint8Array, now: number): Promise<readonly string[]> {
  const { accessKeyId, secretAccessKey, sessionToken, region } = target;
  const signer = new AwsV4Signer({
    method: "PUT",
    url,
    headers: {
      "Content-Type": "application/gzip",
      "X-Amz-Content-Sha256": hash("sha256", body, "hex"),
      // Buckets whose objects are locked ask for a checksum.
      "X-Amz-Checksum-Sha256": hash("sha256", body, "base64"),
    },
    accessKeyId: accessKeyId.value,
    secretAccessKey: secretAccessKey.value,
    ...(sessionToken === null ? {} : { sessionToken: sessionToken.value }),
    service: "s3",
    region,
    datetime: new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, ""),
  });
  const { headers } = await signer.sign();
  return [...headers].flat();
}
