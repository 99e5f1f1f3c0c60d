import type { NetObject } from "./net-object.ts";

/** A .NET exception: what `throw` throws and `catch` catches. */
export class NetException extends Error implements NetObject {
  override readonly name = "NetException";
  readonly netType: string;
  readonly inner: NetException | null;

  constructor(netType: string, message: string, inner: NetException | null = null) {
    super(message);
    this.netType = netType;
    this.inner = inner;
  }

  override toString(): string {
    return `${this.netType}: ${this.message}`;
  }
}

export function nullReference(): NetException {
  return new NetException("NullReferenceException", "Object reference not set to an instance of an object.");
}

export function argumentNull(name: string): NetException {
  return new NetException("ArgumentNullException", `Value cannot be null. (Parameter '${name}')`);
}

export function outOfRange(name: string): NetException {
  const message = "Specified argument was out of the range of valid values.";
  return new NetException("ArgumentOutOfRangeException", `${message} (Parameter '${name}')`);
}

export function argument(message: string): NetException {
  return new NetException("ArgumentException", message);
}

export function badFormat(message = "Input string was not in a correct format."): NetException {
  return new NetException("FormatException", message);
}

export function overflow(type: string): NetException {
  const message =
    type === ""
      ? "Arithmetic operation resulted in an overflow."
      : `Value was either too large or too small for ${type}.`;
  return new NetException("OverflowException", message);
}

export function divideByZero(): NetException {
  return new NetException("DivideByZeroException", "Attempted to divide by zero.");
}

export function invalidCast(from: string, to: string): NetException {
  return new NetException("InvalidCastException", `Unable to cast object of type '${from}' to type '${to}'.`);
}

export function invalidOperation(message: string): NetException {
  return new NetException("InvalidOperationException", message);
}

export function keyNotFound(key: string): NetException {
  return new NetException("KeyNotFoundException", `The given key '${key}' was not present in the dictionary.`);
}

export function indexOutOfRange(): NetException {
  return new NetException("IndexOutOfRangeException", "Index was outside the bounds of the array.");
}
