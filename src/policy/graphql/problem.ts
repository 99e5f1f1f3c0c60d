/** A request error: the request goes nowhere. `message` is for the client and may quote its query. */
export class GraphqlProblem extends Error {
  override readonly name = "GraphqlProblem";
  readonly messages: readonly string[];

  constructor(...messages: readonly string[]) {
    super(messages[0]);
    this.messages = messages;
  }
}
