import type { Socket } from "node:net";
import { RingQueue } from "#lib/ring-queue.ts";
import { ControlFrames } from "#wire/http2/control-frames.ts";
import { defaultWindow } from "#wire/http2/frame-names.ts";
import { type FrameWrite, FrameWriter } from "#wire/http2/frame-writer.ts";
import { HeaderEncoder } from "#wire/http2/header-encoder.ts";
import { sendLater, type Sender } from "#wire/outbox.ts";
import { hasMore, type Http2Stream, isHeldUp } from "./http2-stream.ts";
import { endAfterLinger } from "./linger.ts";

/** One write; another one follows when the system has taken it, so that a slow client has no more than this of ours. */
const writeBytes = 64 * 1024;

const writer = new FrameWriter();

/** What one connection sends: at most one write at a time, at the end of a turn, with what all of its streams have by then. */
export class Http2Output implements Sender {
  readonly encoder: HeaderEncoder = new HeaderEncoder();
  readonly control: ControlFrames = new ControlFrames();
  /** What the client takes on all streams together. */
  window: number = defaultWindow;
  readonly #socket: Socket;
  readonly #ready = new RingQueue<Http2Stream>();
  readonly #unwritten = new RingQueue<Http2Stream>();
  readonly #roomy = new RingQueue<Http2Stream>();
  #isDue = false;
  #underWay: FrameWrite | null = null;
  #isEnding = false;
  #isOver = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Something is to be sent. */
  wake(): void {
    if (this.#isDue || this.#isOver) return;
    this.#isDue = true;
    if (this.#underWay === null) sendLater(this);
  }

  ready(stream: Http2Stream): void {
    if (!stream.isQueued) {
      stream.isQueued = true;
      this.#ready.push(stream);
    }
    this.wake();
  }

  wrote(stream: Http2Stream): void {
    this.#unwritten.push(stream);
  }

  roomy(stream: Http2Stream): void {
    this.#roomy.push(stream);
  }

  /** Ends the connection once all that is to be sent has been. */
  end(): void {
    this.#isEnding = true;
    if (this.#underWay === null) this.wake();
  }

  /** Sends the frames of the connection that wait, nothing of its streams any more, and ends it. */
  breakOff(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { bytes, length } = this.control;
    if (length > 0) this.#socket.write(bytes.subarray(0, length));
    endAfterLinger(this.#socket);
  }

  sendNow(): void {
    if (this.#underWay !== null || this.#isOver) return;
    this.#isDue = false;
    writer.begin();
    if (this.control.length > 0) {
      writer.frames(this.control.bytes, this.control.length);
      this.control.clear();
    }
    this.#emit();
    this.#write(writer.take());
    for (let left = this.#roomy.size; left > 0; left -= 1) this.#roomy.shift()?.drained();
  }

  /** Each in its turn has one frame of data sent: none waits for the whole of another one's body. */
  #emit(): void {
    let heldUp = 0;
    while (heldUp < this.#ready.size && writer.size < writeBytes) {
      const stream = this.#ready.shift() as Http2Stream;
      const came = stream.emit(writer);
      if (came === hasMore || came === isHeldUp) {
        this.#ready.push(stream);
        heldUp = came === isHeldUp ? heldUp + 1 : 0;
      } else stream.isQueued = false;
    }
    // The rest of them when this has been written.
    if (heldUp < this.#ready.size) this.#isDue = true;
  }

  #write(write: FrameWrite | null): void {
    if (write === null) return this.#rest();
    this.#underWay = write;
    this.#socket.write(write.bytes, this.#written);
    return undefined;
  }

  readonly #written = (error?: Error | null): void => {
    const write = this.#underWay;
    this.#underWay = null;
    if ((error !== null && error !== undefined) || write === null) return;
    writer.written(write);
    for (let left = this.#unwritten.size; left > 0; left -= 1) this.#unwritten.shift()?.written();
    if (this.#isDue) sendLater(this);
    else this.#rest();
  };

  /** Nothing waits any more, but for windows. */
  #rest(): void {
    if (!this.#isEnding || this.#isOver) return;
    this.#isOver = true;
    endAfterLinger(this.#socket);
  }
}
