import { NetException } from "#notation/csharp/value/net-exception.ts";

/** A second reading of a body that was not preserved. */
export function bodyConsumed(): NetException {
  return new NetException(
    "InvalidOperationException",
    "The body has been read already: read it with preserveContent: true.",
  );
}

/** The body streams on; it was not known beforehand that this expression would read it. */
export function bodyNotBuffered(): NetException {
  return new NetException("InvalidOperationException", "The body is not in memory.");
}
