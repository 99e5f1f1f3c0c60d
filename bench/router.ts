import { buildRouterTable } from "#compile/router-table.ts";
import { createRouter, RouteMatch } from "#pipeline/router.ts";

/** Nanoseconds of one route look-up with 10 and with 10,000 routes: the same paths asked for, and all of them in turn. */
const rounds = 2_000_000;

function measure(routes: number, asked: number): number {
  const operations = Array.from({ length: routes }, (_, at) => ({
    method: "GET",
    template: `/group${at % 100}/item${at}/{id}`,
  }));
  const router = createRouter(
    buildRouterTable([{ hosts: [], path: "/api", version: null, revision: null, firstRoute: 0, operations }]),
  );
  const paths = Array.from({ length: asked }, (_, at) => `/api/group${at % 100}/item${at}/7`);
  const match = new RouteMatch();
  const run = (count: number): void => {
    for (let at = 0; at < count; at += 1) {
      if (router.match("localhost", "GET", paths[at % asked] as string, match) !== "found")
        throw new Error("not found");
    }
  };
  run(200_000);
  const samples = Array.from({ length: 5 }, () => {
    const started = performance.now();
    run(rounds / 5);
    return ((performance.now() - started) * 1e6) / (rounds / 5);
  });
  return Math.round(samples.toSorted((left, right) => left - right)[2] ?? 0);
}

const rows = [
  ["10 routes, 10 paths", measure(10, 10)],
  ["10,000 routes, the same 10 paths", measure(10_000, 10)],
  ["10,000 routes, all 10,000 paths in turn", measure(10_000, 10_000)],
] as const;
for (const [name, nanoseconds] of rows) process.stdout.write(`${name}: ${nanoseconds} ns\n`);
