import type { Discovery } from "#model/discovery.ts";
import { parseBasePath } from "#config/checks/paths.ts";
import { parseDnsName, parseNameServer } from "#config/checks/host.ts";
import { choice } from "#config/shapes/choice.ts";
import { duration, integer } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Located, located, type Shape } from "#config/shapes/shape.ts";
import { text } from "#config/shapes/text.ts";

export interface DiscoveryInput {
  readonly type: Discovery["type"];
  readonly name: string | undefined;
  readonly scheme: Discovery["scheme"];
  readonly port: Located<number> | undefined;
  readonly path: string;
  readonly resolver: string | undefined;
  readonly refresh: number;
  readonly stale: number;
}

const second = 1000;
const minute = 60 * second;

const shape: ObjectShape<DiscoveryInput> = object<DiscoveryInput>("discover", {
  type: {
    shape: choice(["a", "srv"]),
    about: "a: each address is a target; srv: each record, with its port, weight and priority.",
    default: "a",
  },
  name: { shape: text("a DNS name", parseDnsName), about: "Name that is asked for.", required: true },
  scheme: { shape: choice(["http", "https"]), about: "How targets are spoken to.", default: "http" },
  port: { shape: located(integer(1, 65_535)), about: "a: port of the targets; the scheme's own when absent." },
  path: { shape: text("a path", parseBasePath), about: "Base path of the targets.", default: "/" },
  resolver: {
    shape: text("the address of a name server", parseNameServer),
    about: "Name server, 10.0.0.53 or 127.0.0.1:8600; the system's when absent.",
  },
  refresh: { shape: duration(second, 60 * minute), about: "Time between two queries.", default: 30 * second },
  stale: {
    shape: duration(0, 24 * 60 * minute),
    about: "How long the last answer is used when there is no other.",
    default: 10 * minute,
  },
});

export const discoveryShape: Shape<Located<DiscoveryInput>> = located(shape);
