/** Something with a message to send at the end of this turn of the event loop. */
export interface Sender {
  sendNow(): void;
}

const nobody: Sender = { sendNow: () => {} };

let waiting: Sender[] = [];
let spare: Sender[] = [];

/**
 * Sends requests and responses that are whole at the end of a turn, back to back: a peer on this machine is woken once
 * for many of them, where a write in the middle of the work wakes it, lets it fall asleep, and the next one wakes it
 * again. One outbox a thread, since a turn of the loop is the thread's.
 */
export function sendLater(sender: Sender): void {
  if (waiting.push(sender) === 1) setImmediate(flush);
}

function flush(): void {
  const due = waiting;
  waiting = spare;
  spare = due;
  for (let at = 0; at < due.length; at += 1) {
    const sender = due[at] as Sender;
    // A store that is thrown away with its members in it would keep them from being collected (see DenseSet).
    due[at] = nobody;
    sender.sendNow();
  }
  due.length = 0;
}
