import { Duplex } from "node:stream";

/** Loaded in front of a gateway by a test alone: a promise and an array for everything that is written. */
const { write } = Duplex.prototype;
const planted: unknown[] = [];

Duplex.prototype.write = function (this: Duplex, ...args: readonly unknown[]): boolean {
  planted[0] = [Promise.resolve(), Array.from({ length: 512 })];
  return Reflect.apply(write, this, args) as boolean;
};
