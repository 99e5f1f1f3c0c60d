import type { Http2Stream } from "node:http2";

/**
 * Tells when END_STREAM has come on a stream that was just made. Node ends the readable side of a stream that was reset
 * with NO_ERROR just like one that is whole, whichever side has done it, and servers do reset so when they go away; but it notes the
 * reset first.
 */
export function onEndStream(stream: Http2Stream, ended: () => void): void {
  const push = stream.push.bind(stream);
  let isOver = false;
  stream.push = (chunk, encoding) => {
    if (chunk === null && !isOver) {
      isOver = true;
      if (!stream.closed) ended();
    }
    return push(chunk, encoding);
  };
}
