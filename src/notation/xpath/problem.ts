/** What is wrong with an expression, wherever it is found: while it is read, or when a value is no set of nodes. */
export class XPathProblem extends Error {
  override readonly name = "XPathProblem";
}

export function wrong(message: string): never {
  throw new XPathProblem(message);
}
