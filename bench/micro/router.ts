import { buildRouterTable } from "#compile/router-table.ts";
import { createRouter, RouteMatch } from "#pipeline/router.ts";
import type { Subject } from "./subject.ts";

const group = "router";

/** With few and many routes: the same paths asked for, and all of them in turn. */
export const router: readonly Subject[] = [
  subject("10 routes, 10 paths", 10, 10),
  subject("10,000 routes, the same 10 paths", 10_000, 10),
  subject("10,000 routes, all paths in turn", 10_000, 10_000),
];

function subject(name: string, routes: number, asked: number): Subject {
  return {
    group,
    name,
    prepare: () => {
      const operations = Array.from({ length: routes }, (_, at) => ({
        method: "GET",
        template: `/group${at % 100}/item${at}/{id}`,
      }));
      const found = createRouter(
        buildRouterTable([{ hosts: [], path: "/api", version: null, revision: null, firstRoute: 0, operations }]),
      );
      const paths = Array.from({ length: asked }, (_, at) => `/api/group${at % 100}/item${at}/7`);
      const match = new RouteMatch();
      return {
        run: (at) => {
          if (found.match("localhost", "GET", paths[at % asked] as string, match) !== "found")
            throw new Error("not found");
        },
      };
    },
  };
}
