import type { Exchange } from "#model/exchange.ts";
import type { EventSink, StrictEvents } from "#model/ports.ts";

/** Tells of each exchange that is over, once, on the way to its record. */
export function countingSink(sink: EventSink, note: (exchange: Exchange) => void): EventSink {
  return {
    opened: (exchange) => sink.opened(exchange),
    finished: (exchange) => {
      note(exchange);
      sink.finished(exchange);
    },
    strict: sink.strict && countingStrict(sink.strict, note),
  };
}

function countingStrict(strict: StrictEvents, note: (exchange: Exchange) => void): StrictEvents {
  return {
    intent: (exchange) => strict.intent(exchange),
    opened: (exchange) => strict.opened(exchange),
    finished: (exchange) => {
      note(exchange);
      return strict.finished(exchange);
    },
  };
}
