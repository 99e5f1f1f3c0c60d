/** Something with a message to send at the end of this turn of the event loop. */
export interface Sender {
  sendNow(): void;
}

/**
 * What waits in one turn. The array never shrinks and its places are emptied: a store that is thrown away with its
 * members in it would keep them from being collected (see DenseSet).
 */
class Turn {
  readonly #senders: (Sender | null)[] = [];
  #count = 0;

  /** @returns whether it is the first one */
  add(sender: Sender): boolean {
    this.#senders[this.#count] = sender;
    this.#count += 1;
    return this.#count === 1;
  }

  send(): void {
    for (let at = 0; at < this.#count; at += 1) {
      const sender = this.#senders[at];
      this.#senders[at] = null;
      sender?.sendNow();
    }
    this.#count = 0;
  }
}

let current = new Turn();
let spare = new Turn();

/**
 * Sends requests and responses that are whole at the end of a turn, back to back: a peer on this machine is woken once
 * for many of them, where a write in the middle of the work wakes it, lets it fall asleep, and the next one wakes it
 * again. One outbox a thread, since a turn of the loop is the thread's.
 */
export function sendLater(sender: Sender): void {
  if (current.add(sender)) setImmediate(flush);
}

function flush(): void {
  const due = current;
  current = spare;
  spare = due;
  due.send();
}
