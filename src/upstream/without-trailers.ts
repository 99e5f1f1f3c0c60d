import type { BodySource } from "#model/body.ts";

/** The same body, without what comes behind it. */
export function withoutTrailers(source: BodySource): BodySource {
  return {
    length: source.length,
    start: (sink) =>
      source.start({
        data: (chunk) => sink.data(chunk),
        end: () => sink.end(null),
        fail: (error) => sink.fail(error),
      }),
    pause: () => source.pause(),
    resume: () => source.resume(),
    cancel: () => source.cancel(),
  };
}
