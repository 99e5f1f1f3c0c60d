import type { HeaderList } from "#model/header-list.ts";
import { type ReasonCode, reasons } from "#model/reasons.ts";

const contentType = /^application\/grpc(?:-web(?:-text)?)?(?:\+[a-z0-9.-]{1,40})?$/i;

/** The gRPC content type that the client speaks, or null: it reads a refusal in `grpc-status` only. */
export function grpcContentType(headers: HeaderList): string | null {
  const value = headers.get("content-type");
  if (value === undefined || value.length < 16) return null;
  const [type = ""] = value.split(";");
  return contentType.test(type.trim()) ? type.trim() : null;
}

/** @see https://grpc.io/docs/guides/status-codes/ */
const statusByHttp: ReadonlyMap<number, number> = new Map([
  [400, 3],
  [401, 16],
  [403, 7],
  [404, 12],
  [405, 12],
  [408, 4],
  [413, 8],
  [421, 14],
  [429, 8],
  [431, 8],
  [499, 1],
  [500, 13],
  [501, 12],
  [502, 14],
  [503, 14],
  [504, 4],
]);

const failedPrecondition = 9;
const internal = 13;

/** Where the HTTP status says less than the reason. */
const statusByReason: ReadonlyMap<ReasonCode, number> = new Map<ReasonCode, number>([
  ["egress-not-allowed", 13],
  ["quota-exceeded", 8],
  ["upstream-malformed", 13],
  ["upstream-truncated", 13],
]);

/** `grpc-status` of a refusal. */
export function grpcStatus(reason: ReasonCode): number {
  const { status } = reasons[reason];
  return statusByReason.get(reason) ?? statusByHttp.get(status) ?? (status < 500 ? failedPrecondition : internal);
}

/** `grpc-message`: printable ASCII without `%` as it is, every other byte in percent form. */
export function grpcMessage(text: string): string {
  let message = "";
  for (const byte of Buffer.from(text)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    message += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return message;
}
