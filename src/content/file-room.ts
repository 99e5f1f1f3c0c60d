import { Gate } from "./gate.ts";
import { RecentFiles } from "./recent-files.ts";
import { RecentListings } from "./recent-listings.ts";

/** Calls into the file system at a time: libuv's pool is shared with name look-ups, compression and other workers. */
const maxCalls = 8;
/** Files on their way to clients, who may be slow. */
const maxOpen = 2048;

/** What all file handlers of one worker share: bounds on what they ask of the machine. */
export class FileRoom {
  readonly gate: Gate = new Gate(maxCalls);
  readonly recent: RecentFiles;
  /** What is in folders: asking about each name is work, which many who ask at once share. */
  readonly listings: RecentListings;
  open = 0;

  /** Never goes back. */
  readonly nowMs: () => number;

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
    this.recent = new RecentFiles(nowMs);
    this.listings = new RecentListings(nowMs);
  }

  get isFull(): boolean {
    return this.open >= maxOpen;
  }
}
