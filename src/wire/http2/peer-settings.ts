import type { Buffer } from "node:buffer";
import { errorCode, largestWindow, maxPayload, setting } from "./frame-names.ts";

/** More in one frame than there are names. */
const mostSettings = 32;

/** Takes up what the other side says of itself. Of these, a server that pushes nothing needs no more. */
export interface SettingsTaker {
  tableSize(bytes: number): void;
  /** Of every stream, open ones too. @returns false: one of their windows would be too large */
  initialWindow(bytes: number): boolean;
}

/** Reads a SETTINGS frame, a value after the other. @returns an error code, or none @see RFC 9113 §6.5.2 */
export function readSettings(bytes: Buffer, from: number, to: number, taker: SettingsTaker): number {
  if (to - from > mostSettings * 6) return errorCode.calm;
  for (let at = from; at < to; at += 6) {
    const problem = take(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2), taker);
    if (problem !== errorCode.none) return problem;
  }
  return errorCode.none;
}

function take(name: number, value: number, taker: SettingsTaker): number {
  switch (name) {
    case setting.tableSize:
      taker.tableSize(value);
      return errorCode.none;
    case setting.enablePush:
    case setting.enableConnect:
      return value > 1 ? errorCode.protocol : errorCode.none;
    case setting.initialWindow:
      return value <= largestWindow && taker.initialWindow(value) ? errorCode.none : errorCode.flowControl;
    case setting.maxFrameSize:
      return value < maxPayload || value > 0xff_ffff ? errorCode.protocol : errorCode.none;
    default:
      return errorCode.none;
  }
}
