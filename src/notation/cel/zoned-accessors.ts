import { type ASTNode, type Environment, EvaluationError, ParseError } from "@marcbachmann/cel-js";
import { type ZoneClock, zoneClock, type ZonedTime } from "./zoned-time.ts";

interface MacroCall {
  readonly args: readonly ASTNode[];
  readonly receiver: ASTNode;
}

interface Runner {
  run(node: ASTNode, context: unknown): unknown;
}

interface Checker {
  check(node: ASTNode, context: unknown): { readonly name: string };
  getType(name: string): unknown;
}

interface AccessorMacro {
  readonly typeCheck: (checker: Checker, macro: unknown, context: unknown) => unknown;
  readonly evaluate: (runner: Runner, macro: unknown, context: unknown) => bigint;
  readonly async: false;
}

/** CEL's accessors of a timestamp that take a time zone. @see https://github.com/google/cel-spec */
const accessors: Readonly<Record<string, (time: ZonedTime) => number>> = {
  getFullYear: (time) => time.year,
  getMonth: (time) => time.month,
  getDate: (time) => time.day,
  getDayOfMonth: (time) => time.day - 1,
  getDayOfWeek: (time) => time.weekDay,
  getDayOfYear: (time) => time.yearDay,
  getHours: (time) => time.hours,
  getMinutes: (time) => time.minutes,
  getSeconds: (time) => time.seconds,
};

/**
 * `now.getHours("Europe/Berlin")` and the like, in place of the library's: its own take the process's time zone for an
 * intermediate result, which is wrong around that zone's changes of the clock, and make a formatter each time. The
 * zone must be written out: a wrong one is found when the definition is checked, and no client can choose one.
 */
export function registerZonedAccessors(environment: Environment): Environment {
  // As with `matches`: a macro catches every call of its name and argument count, whatever the receiver.
  for (const [name, read] of Object.entries(accessors)) {
    environment.registerFunction(`list.${name}(ast): int`, (call: MacroCall) => accessorMacro(name, read, call));
  }
  return environment;
}

function accessorMacro(name: string, read: (time: ZonedTime) => number, { args, receiver }: MacroCall): AccessorMacro {
  const clock = clockOf(name, args[0] as ASTNode);
  return {
    typeCheck: (checker, _macro, context) => {
      const { name: type } = checker.check(receiver, context);
      if (type !== "google.protobuf.Timestamp" && type !== "dyn") {
        throw new ParseError(`${name}() is for timestamps, this is '${type}'`, receiver);
      }
      return checker.getType("int");
    },
    evaluate: (runner, _macro, context) => {
      const time = runner.run(receiver, context);
      if (!(time instanceof Date)) throw new EvaluationError(`${name}() is for timestamps`, receiver);
      return BigInt(read(clock.at(time)));
    },
    async: false,
  };
}

function clockOf(name: string, zone: ASTNode): ZoneClock {
  if (zone.op !== "value" || typeof zone.args !== "string") {
    throw new ParseError(`${name}() takes a time zone that is written out, such as "Europe/Berlin"`, zone);
  }
  try {
    return zoneClock(zone.args);
  } catch {
    throw new ParseError(`there is no time zone '${zone.args}': take a name such as "Europe/Berlin" or "UTC"`, zone);
  }
}
