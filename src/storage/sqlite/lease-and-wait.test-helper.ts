import { openSqliteStore } from "./sqlite-store.ts";

/** A process that takes a lease, says so, and never closes its store. */
const store = openSqliteStore(process.argv[2] as string);
const { leased } = store.quotas.lease("q", 0, 10, 100);
process.stdout.write(`${leased}\n`);
setInterval(() => {}, 1000);
