import { errorCode, frameFlag, frameType, maxPayload } from "./frame-names.ts";

/**
 * What is wrong with a frame by its head alone, before anything of it is kept: an error code, or none. Sizes that the
 * RFC calls errors of a stream are here of the connection, as it allows.
 *
 * @see RFC 9113 §4.2, §6
 */
export function frameProblem(type: number, flags: number, stream: number, length: number): number {
  if (length > maxPayload) return errorCode.frameSize;
  switch (type) {
    case frameType.data:
    case frameType.headers:
    case frameType.continuation:
      return ofStream(stream, errorCode.none);
    case frameType.priority:
      return ofStream(stream, sized(length === 5));
    case frameType.reset:
      return ofStream(stream, sized(length === 4));
    case frameType.settings:
      return ofConnection(stream, sized((flags & frameFlag.ack) === 0 ? length % 6 === 0 : length === 0));
    case frameType.ping:
      return ofConnection(stream, sized(length === 8));
    case frameType.goAway:
      return ofConnection(stream, sized(length >= 8));
    case frameType.windowUpdate:
      return sized(length === 4);
    // No client may push.
    case frameType.pushPromise:
      return errorCode.protocol;
    default:
      return errorCode.none;
  }
}

function sized(isRight: boolean): number {
  return isRight ? errorCode.none : errorCode.frameSize;
}

function ofStream(stream: number, otherwise: number): number {
  return stream === 0 ? errorCode.protocol : otherwise;
}

function ofConnection(stream: number, otherwise: number): number {
  return stream === 0 ? otherwise : errorCode.protocol;
}
