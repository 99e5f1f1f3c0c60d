/**
 * Methods that a request line may have: registered ones and those that are in use. Others are refused, so that nobody is
 * asked for a method that no rule has been written for.
 *
 * @see https://www.iana.org/assignments/http-methods
 */
const names =
  "ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY " +
  "OPTIONS PATCH POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SUBSCRIBE TRACE UNBIND UNLINK UNLOCK " +
  "UNSUBSCRIBE";

export const methods: ReadonlySet<string> = new Set(names.split(" "));
