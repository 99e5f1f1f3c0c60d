import type { MetricRegistry } from "#admin/metrics/registry.ts";
import type { AnnouncementsPort } from "#admin/ports.ts";
import type { Announcements, Webhook } from "#model/announcements.ts";
import type { Approval } from "#model/approvals.ts";
import type { GrantsOf } from "#model/grants.ts";
import type { Clock, EventRecorder, Log } from "#model/ports.ts";
import { AccessRequests } from "#products/access-requests.ts";
import type { AnswerLinks } from "#products/answer-links.ts";
import type { OnceStore } from "#site/access/access-ports.ts";
import type { AccessStore } from "#storage/access-store.ts";
import type { Async, UserStore } from "#storage/interfaces.ts";
import type { OutboxStore } from "#storage/outbox-store.ts";
import type { Standing } from "#app/standing.ts";
import { type AnnouncerOptions, messagesOf } from "./announcer.ts";
import { accessEvent } from "./access-event.ts";
import { noteStep } from "./access-alarms.ts";
import { watchAccess } from "./access-clock.ts";
import { userOf } from "./user-of.ts";
import { linkFits } from "./fits.ts";
import { GrantPublisher } from "./grant-publisher.ts";
import { Outbox } from "./outbox.ts";
import { type SendPorts, sendMessage } from "./send-message.ts";

export interface AccessKeeperOptions {
  readonly store: Async<AccessStore>;
  readonly outbox: Async<OutboxStore>;
  readonly users: Pick<Async<UserStore>, "byIdentity" | "get">;
  readonly standing: Pick<Standing, "of" | "ofAbsent" | "ofParty">;
  readonly approvals: readonly Approval[];
  readonly announcements: Announcements | null;
  /** For what is announced. */
  readonly announcer: Pick<AnnouncerOptions, "random"> & Omit<SendPorts, "clock">;
  readonly links: AnswerLinks;
  readonly publish: (grants: readonly GrantsOf[]) => Promise<void>;
  readonly newId: () => string;
  readonly metrics: MetricRegistry;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
}

/** Access requests on main: use cases, their clock, and what is in force for the workers. */
export interface AccessKeeper {
  readonly requests: AccessRequests;
  readonly once: OnceStore;
  readonly webhooks: () => readonly Webhook[];
  readonly announcements: AnnouncementsPort;
  /** For what else people are told of. */
  readonly outbox: Pick<Outbox, "hasRoom" | "admit" | "look">;
  readonly settings: () => Announcements | null;
  /** For a worker that begins. */
  grants(): readonly GrantsOf[];
  /** Another definition is in force. Resolves when every worker knows. */
  use(definition: Pick<AccessKeeperOptions, "approvals" | "announcements">): Promise<void>;
  /** Begins to end what is over; workers are told from here on. */
  start(): Promise<void>;
  stop(): void;
}

export async function openAccess(options: AccessKeeperOptions): Promise<AccessKeeper> {
  const { store, publish, newId, metrics, events, clock, log } = options;
  let { approvals, announcements } = options;
  const announcer = { ...options.announcer, links: options.links, newId, clock };
  const outbox = new Outbox({
    store: options.outbox,
    attempt: (message) => sendMessage(announcements, message, announcer),
    clock,
    log,
    metrics,
  });
  const publisher = new GrantPublisher({ store, log, publish }, namesOf(approvals));
  await publisher.load();
  const requests = new AccessRequests({
    store,
    approvals: () => approvals,
    fits: linkFits(clock),
    standing: options.standing.of,
    standingOfAbsent: options.standing.ofAbsent,
    standingOfVoter: options.standing.ofParty,
    userOf: (principal) => userOf(principal, options.users),
    clock,
    newId,
    onGrants: async (grantee) => {
      await publisher.follow(grantee);
      void timer.look();
    },
    onStep: async (event) => {
      noteStep(metrics, log, event);
      void outbox.look();
      // Nobody waits for what time has ended; whoever has done something is told so when it is on record.
      if (event.step.by === null) events.tell(accessEvent(event));
      else await events.record(accessEvent(event));
    },
    messages: (event) => (announcements === null ? [] : outbox.admit(messagesOf(announcements, event, announcer))),
  });
  const timer = watchAccess(requests, store, clock, log);
  return {
    requests,
    once: {
      use: (name, until) => store.useOnce(name, until, clock.now()),
      isUsed: (name) => store.isUsed(name, clock.now()),
    },
    webhooks: () => announcements?.webhooks ?? [],
    announcements: {
      list: (state, page) => options.outbox.list(state, page),
      resend: async (id) => {
        const entry = await options.outbox.revive(id, clock.now());
        void outbox.look();
        return entry;
      },
    },
    outbox,
    settings: () => announcements,
    grants: () => publisher.all(),
    use: async (next) => {
      ({ approvals, announcements } = next);
      await publisher.use(namesOf(next.approvals));
    },
    start: async () => {
      await timer.look();
      await outbox.look();
    },
    stop: () => {
      timer.stop();
      outbox.stop();
    },
  };
}

function namesOf(approvals: readonly Approval[]): readonly string[] {
  return approvals.map(({ name }) => name);
}
