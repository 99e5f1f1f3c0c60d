import { readFileSync } from "node:fs";
import { type GatewayStart, rootCertificateOf, startSallyport } from "./sallyport.ts";
import { large } from "./large.ts";
import { asks } from "./scale/asks.ts";
import { freePort } from "./site.ts";
import type { Target } from "./target.ts";
import type { Provider } from "./targets.ts";

/** A gateway of a bench, and how it is asked. */
interface Own {
  /** Of its file and folder. */
  readonly name: string;
  readonly settings: Partial<Pick<GatewayStart, "tls" | "workers" | "durability" | "scale">>;
  readonly targets: readonly OwnTarget[];
}

type OwnTarget = Pick<Target, "key" | "case"> &
  Partial<Pick<Target, "path" | "http2" | "bodyBytes" | "connections" | "variants">> & {
    readonly whole?: true;
    /** Besides the token. */
    readonly fields?: readonly string[];
  };

const scaled: readonly Own[] = asks.map(({ name, scale, targets }) => ({ name, settings: { scale }, targets }));

const own: readonly Own[] = [
  { name: "clear", settings: { tls: false }, targets: [{ key: "sallyport:bare-http", case: "bare, HTTP" }] },
  {
    name: "secure",
    settings: {},
    targets: [
      { key: "sallyport:bare", case: "bare, HTTPS" },
      { key: "sallyport:file", case: "small file, HTTPS", path: "/files/small.json" },
      { key: "sallyport:whole", case: "whole policy path, HTTPS", whole: true },
      { key: "sallyport:down", ...large.down },
      { key: "sallyport:up", ...large.up },
      { key: "sallyport:bare-h2", case: "bare, HTTP/2", http2: true },
      { key: "sallyport:whole-h2", case: "whole policy path, HTTP/2", http2: true, whole: true },
    ],
  },
  {
    name: "two-workers",
    settings: { workers: 2 },
    targets: [{ key: "sallyport:whole-two-workers", case: "whole policy path, two workers", whole: true }],
  },
  {
    name: "strict",
    settings: { durability: "strict" },
    targets: [{ key: "sallyport:whole-strict", case: "whole policy path, strict record", whole: true }],
  },
  // By itself: what others have asked of it would be in its memory.
  { name: "idle", settings: {}, targets: [{ key: "sallyport:idle", case: "idle connections" }] },
  ...scaled,
];

const provider = ({ name, settings, targets }: Own): Provider => ({
  needs: null,
  keys: targets.map(({ key }) => key),
  async start({ site, callers, options: { profile } }, undo) {
    const { tls = true, workers = 1, durability = "batched", scale } = settings;
    const [httpPort, httpsPort] = [await freePort(), await freePort()];
    const nodeArgs = profile === "" ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
    const { issuer } = callers;
    // Two cases of a run may start it, each with a folder of its own.
    const unique = `${name}-${httpPort}`;
    const start = { site, name: unique, tls, httpPort, httpsPort, issuer, nodeArgs, workers, durability, scale };
    const running = await startSallyport(start);
    undo.defer(() => running.stop());
    const ca = tls ? readFileSync(rootCertificateOf(site, unique), "utf8") : "";
    const common = { proxy: "Sallyport", pids: [running.pid], ca, tls, port: tls ? httpsPort : httpPort, variants: 1 };
    const headers = await callers.headers();
    const [token = ""] = headers;
    return targets.map(({ whole, fields, path = "/bare", http2 = false, ...what }): Target => {
      const asked =
        whole === true
          ? { path: "/orders", headers }
          : { path, headers: fields === undefined ? [] : [token, ...fields] };
      return { ...common, ...what, http2, ...asked };
    });
  },
});

export const ownProviders: readonly Provider[] = own.map(provider);
