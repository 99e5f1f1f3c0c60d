import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { AnalyticsStart, FromAnalytics, ToAnalytics } from "#analytics/messages.ts";
import { toErrorMessage } from "#storage/store-messages.ts";
import { openAnalytics } from "./open.ts";
import { RollupKeeper } from "./rollup-keeper.ts";

/** Entry of the thread of the roll-ups: synchronous calls of SQLite, which would hold up any other thread. */
if (parentPort !== null) serve(parentPort, workerData as AnalyticsStart);

function serve(main: MessagePort, { path, keep }: AnalyticsStart): void {
  const post = (message: FromAnalytics): void => main.postMessage(message);
  try {
    const { database, setAside } = openAnalytics(path);
    const keeper = new RollupKeeper(database, keep, post);
    main.on("message", (message: ToAnalytics) => {
      if (message.type === "close") {
        keeper.close();
        main.close();
      } else keeper.take(message);
    });
    post({ type: "ready", setAside });
  } catch (error) {
    post({ type: "failed", error: toErrorMessage(error) });
  }
}
