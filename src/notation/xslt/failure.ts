/** A stylesheet cannot go on with this document. The message tells nothing of the document. */
export class TransformFailure extends Error {
  override readonly name = "TransformFailure";
}

export function failed(message: string): never {
  throw new TransformFailure(message);
}
