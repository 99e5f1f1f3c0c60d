import { CaddyfileError } from "#interop/caddyfile/syntax/token.ts";
import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import type { Report } from "#interop/caddyfile/report/report.ts";
import type { Draft } from "#interop/caddyfile/target/draft.ts";
import { duration, sizeBytes } from "#interop/caddyfile/directives/values.ts";
import { limit } from "./limit.ts";

const privateRanges = ["192.168.0.0/16", "172.16.0.0/12", "10.0.0.0/8", "127.0.0.0/8", "fd00::/8", "::1"];

/** `servers`: limits, and whom to believe. They hold for all listeners here. */
export function readServers(address: string | undefined, line: Line, report: Report, draft: Draft): void {
  for (const option of line.block ?? []) {
    report.count(option);
    const { name, args } = option;
    const words = args.map(({ text }) => text);
    switch (name.text) {
      case "timeouts":
        for (const one of option.block ?? []) readTimeout(one, address, report, draft);
        break;
      case "max_header_size":
        limit(draft, "headerSize", `${Math.min(sizeBytes(words[0]) ?? 16_384, maxHeader)}B`);
        report.say("stricter", name, "max_header_size: at most 256 KiB");
        break;
      case "trusted_proxies":
        draft.edge["trustedProxies"] = proxies(words, draft);
        if (words[0] !== "static") report.say("option-unsupported", name, `trusted_proxies ${words[0] ?? ""}`);
        break;
      case "trusted_proxies_unix":
        draft.edge["trustedProxies"] = [
          ...((draft.edge["trustedProxies"] as readonly string[] | undefined) ?? []),
          "unix",
        ];
        break;
      case "client_ip_headers":
        if (words.some((word) => word.toLowerCase() !== "x-forwarded-for"))
          report.say("option-unsupported", name, "client_ip_headers: addresses are read from X-Forwarded-For");
        break;
      case "protocols":
        if (words.includes("h3") && words.length > 0)
          report.say("looks-different", name, "protocols h3: HTTP/1.1 and HTTP/2 are served");
        break;
      case "listener_wrappers":
        for (const one of option.block ?? []) {
          if (one.name.text === "proxy_protocol")
            report.say("option-unsupported", one.name, "proxy_protocol: write edge.listen.proxyProtocol");
          else if (one.name.text !== "tls") report.say("own-way", one.name, `listener_wrappers ${one.name.text}`);
        }
        break;
      case "strict_sni_host":
        if (words[0] === "insecure_off")
          report.say("stricter", name, "a host that the connection's certificate is not for is refused");
        break;
      case "trusted_proxies_strict":
      case "enable_full_duplex":
      case "keepalive_interval":
      case "keepalive_idle":
      case "keepalive_count":
      case "0rtt":
      case "name":
      case "metrics":
      case "log_credentials":
      case "trace":
        report.say("own-way", name, `servers ${name.text}: there is no setting for it`);
        break;
      default:
        throw new CaddyfileError(`servers has no option ${name.text}`, name);
    }
  }
}

/** What Sallyport takes at most. */
const maxHeader = 256 * 1024;

const timeouts: Readonly<Record<string, string>> = {
  read_header: "headersTimeout",
  read_body: "bodyIdleTimeout",
  idle: "idleTimeout",
};

function readTimeout({ name, args }: Line, address: string | undefined, report: Report, draft: Draft): void {
  const key = timeouts[name.text];
  if (key === undefined) {
    report.say("own-way", name, `timeouts ${name.text}: a client that reads nothing is bounded by idleTimeout`);
    return;
  }
  const before = (draft.edge["limits"] as Readonly<Record<string, unknown>> | undefined)?.[key];
  const value = duration(args[0]?.text, 1000, 3_600_000);
  if (address !== undefined && before !== undefined && before !== value) {
    report.say("wider", name, `timeouts ${name.text}: ${String(before)} holds for all listeners`);
    return;
  }
  limit(draft, key, value);
}

function proxies([, ...ranges]: readonly string[], { edge }: Draft): readonly string[] {
  const all = ranges.flatMap((range) => (range === "private_ranges" ? privateRanges : [range]));
  return [...new Set([...((edge["trustedProxies"] as readonly string[] | undefined) ?? []), ...all])];
}
