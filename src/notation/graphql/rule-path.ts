/** A path of one segment, and one of an operation's own type, are told without a schema; all others are not. */
export function needsGraphqlSchema(path: string): boolean {
  return !/^\/(?:[^/]*|(?:Query|Mutation|Subscription)\/[^/]*)$/.test(path);
}
