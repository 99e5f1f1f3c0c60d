import type { FileRoom } from "#content/file-room.ts";
import { linkFiles } from "#content/serve-files.ts";
import type { StepResult } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Handler } from "#model/handler.ts";
import type { Permit, PermitAuthority } from "#model/permit.ts";
import type { ForwardPort } from "#model/ports.ts";
import { forwardWith, type HeadersFor } from "#pipeline/forward-with.ts";
import type { PolicyPorts } from "#policy/context.ts";
import { type AcmePort, linkAcme } from "./acme.ts";
import type { FastCgi } from "#upstream/fastcgi/fastcgi.ts";
import { linkAnswer } from "./answer.ts";
import { linkFastCgi } from "./fastcgi.ts";

/** Ends a route: fills `exchange.response`, or refuses. Worth nothing without the exchange's own permit. */
export type LinkedHandler = (exchange: Exchange, permit: Permit) => StepResult;

/** What handlers reach the rest of the gateway through. */
export interface HandlerPorts {
  /** Knows the backends of this snapshot; checks the permit itself. */
  readonly forward: ForwardPort;
  /** What goes upstream, to whichever destination the draft has by then. */
  readonly headersFor: HeadersFor;
  readonly check: PermitAuthority["check"];
  readonly policies: PolicyPorts;
  readonly files: FileRoom;
  /** The ACME servers, on main. */
  readonly acme: AcmePort;
  /** Checks the permit itself, too. */
  readonly fastCgi: FastCgi;
}

export function linkHandler(handler: Handler, ports: HandlerPorts): LinkedHandler {
  return guarded(ports.check, linkUnguarded(handler, ports));
}

function linkUnguarded(handler: Handler, ports: HandlerPorts): LinkedHandler {
  switch (handler.kind) {
    case "proxy":
      return (exchange, permit) => forwardWith(ports.forward, exchange, permit, ports.headersFor);
    case "answer":
      return linkAnswer(handler, ports.policies);
    case "acme":
      return linkAcme(handler, ports.acme);
    case "files":
      return linkFiles(handler, ports.files);
    case "fastcgi":
      return linkFastCgi(handler, ports);
  }
}

/** Whatever a handler gives away, it gives to whoever was let through: the check stands before it, here and only here. */
function guarded(check: PermitAuthority["check"], run: LinkedHandler): LinkedHandler {
  return (exchange, permit) => {
    check(permit, exchange, exchange.principal);
    return run(exchange, permit);
  };
}
