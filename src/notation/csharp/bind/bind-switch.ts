import type { Statement } from "#notation/csharp/syntax/ast.ts";
import type { Binder, BoundStatement, Signal } from "./binder.ts";
import { condition } from "./bind-binary.ts";
import { breaks } from "./bind-loop.ts";
import type { Frame } from "./bound.ts";

type Switch = Extract<Statement, { kind: "switch" }>;
type Test = (frame: Frame, value: unknown) => boolean;

/** `switch (value) { case … }`: the first section with a label that fits; no section falls through to the next. */
export function bindSwitchStatement(binder: Binder, syntax: Switch): BoundStatement {
  const input = binder.value(syntax.value);
  return binder.inner(() => {
    const sections = syntax.sections.map((section) =>
      binder.inner(() => {
        const labels = section.labels.map((label) => {
          if (label.pattern === null) return null;
          const pattern = binder.rules.pattern(binder, label.pattern, input.type);
          const when = label.when === null ? null : condition(binder, binder.value(label.when));
          return { pattern, when };
        });
        const body = binder.rules.statements(binder, section.statements);
        if (body.completes) binder.fail("a section of 'switch' ends with 'break' or 'return'", section.start);
        return { labels, body };
      }),
    );
    const hasDefault = syntax.sections.some((section) => section.labels.some((label) => label.pattern === null));
    const completes = !hasDefault || syntax.sections.some((section) => section.statements.some(breaks));
    return {
      completes,
      emit: () => {
        const code = input.emit();
        const emitted = sections.map(({ labels, body }) => ({
          tests: labels.map((label) => (label === null ? null : emitLabel(label.pattern.emit(), label.when?.emit()))),
          run: body.emit(),
        }));
        const fallback = emitted.find(({ tests }) => tests.includes(null));
        return (frame) => {
          const value = code(frame);
          const chosen =
            emitted.find(({ tests }) => tests.some((test) => test !== null && test(frame, value))) ?? fallback;
          if (chosen === undefined) return 0;
          const signal: Signal = chosen.run(frame);
          return signal === 1 ? 0 : signal;
        };
      },
    };
  });
}

function emitLabel(test: Test, when: ((frame: Frame) => unknown) | undefined): Test {
  return when === undefined ? test : (frame, value) => test(frame, value) && when(frame) === true;
}
