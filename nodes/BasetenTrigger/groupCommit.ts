// Decisions: docs/decisions.md,
// "200 means that the result is recorded",
// "The trigger commits deliveries in groups",
// "A group gathers for a moment and stays small".

import type { INodeExecutionData } from 'n8n-workflow';

import type { HttpReply } from '../shared/webhook/delivery';
import { realTime, type Time } from '../shared/time';

/** A genuine delivery on its way into an execution. */
export interface Delivery {
  requestId: string;
  /** What it gives the workflow. */
  item: INodeExecutionData;
  /** The response to it, which is still open. */
  reply: HttpReply;
  /** Bytes of its body. */
  bytes: number;
}

/**
 * Deliveries that start one execution together. The first one, the leader, starts it with its
 * request. The others, the followers, get the same response as the leader.
 */
interface Group {
  deliveries: Delivery[];
  /** Bytes of all of them. */
  bytes: number;
  /** Responses to repeats of deliveries that are in the group already. */
  repeats: HttpReply[];
  /**
   * `gathering`: it is its turn, and it takes in the rest of its burst. `waiting`: for its turn.
   * `recording`: n8n records its execution, and it takes in no more.
   */
  state: 'gathering' | 'waiting' | 'recording';
  /** When gathering ends at the latest, in milliseconds since 1970. */
  gatheredAt: number;
  /** When the recording came into doubt, in milliseconds since 1970. */
  inDoubtSince: number;
  /** Lets the leader go on, if the group gathers or waits. */
  go(): void;
}

/** The groups of one trigger, in the order of their turn. */
interface GroupQueue {
  /** The group whose turn it is: it records, or still gathers. */
  current?: Group;
  waiting: Group[];
  /** The group that a request ID is in, from its arrival until the outcome is known. */
  pending: Map<string, Group>;
}

/** How the deliveries of a trigger are grouped. */
export interface GroupSettings {
  /** Whether deliveries may share an execution. */
  group: boolean;
  /** Most deliveries in one execution. */
  maxGroupSize: number;
}

/**
 * Most bytes in one execution; a single delivery may have more. While n8n writes an execution to
 * its database it takes no other request. With hundreds of megabytes that would take longer than
 * Baseten waits for a response.
 */
const LARGEST_GROUP_BYTES = 8_000_000;

/**
 * Milliseconds that a leader waits for more of its burst. It waits again as long as more arrive.
 */
const GATHER_MS = 2;

/** Milliseconds after which it goes on even if more arrive. */
const GATHERED_AFTER_MS = 100;

/** Milliseconds after which a recording without an outcome no longer holds up the next group. */
const IN_DOUBT_MS = 4500;

/**
 * Milliseconds after which a delivery gets a response, outcome or not: Baseten gives up after 10 s.
 */
const REPLY_AFTER_MS = 9000;

/** Milliseconds that a group without an outcome is remembered: longer than Baseten repeats. */
const FORGET_MS = 60_000;

/**
 * Group commit, as in databases: while n8n records one execution, the deliveries that arrive wait,
 * and start the next one together. Deliveries that arrive at the same moment start one together at
 * once. Each gets its response only when its execution is recorded: 200, or, if recording failed,
 * 503, so that Baseten delivers again.
 *
 * A request that waits inside `webhook()` holds resources of n8n. So only the leader of a group
 * waits there. The followers leave their response behind, and it is sent with the leader's outcome.
 */
export class GroupCommit {
  private readonly queues = new Map<string, GroupQueue>();

  /**
   * @param onRecorded gets the request IDs of a trigger that are safely in an execution
   * @param time the clock to wait by
   */
  constructor(
    private readonly onRecorded: (trigger: string, requestIds: string[]) => void,
    private readonly time: Time = realTime,
  ) {}

  /**
   * Adds a delivery to a group, and waits for the group's turn if the delivery leads it.
   * @param trigger identifies the workflow and node
   * @returns the deliveries to start an execution with, or `undefined` if another request starts
   *   it; then the response to this delivery is sent from here
   */
  async join(
    trigger: string,
    delivery: Delivery,
    { group, maxGroupSize }: GroupSettings,
  ): Promise<Delivery[] | undefined> {
    const queue = this.queueOf(trigger);
    const same = queue.pending.get(delivery.requestId);
    if (same) {
      this.addRepeat(same, delivery.reply);
      return undefined;
    }
    if (!group) return this.start(trigger, queue, this.newGroup(queue, delivery));
    const open = queue.waiting.at(-1) ?? queue.current;
    if (open && isOpen(open) && hasRoom(open, maxGroupSize, delivery.bytes)) {
      open.deliveries.push(delivery);
      open.bytes += delivery.bytes;
      queue.pending.set(delivery.requestId, open);
      const isGathered = !hasRoom(open, maxGroupSize) || this.time.elapsed() >= open.gatheredAt;
      if (open.state === 'gathering' && isGathered) open.go();
      const { reply } = delivery;
      void this.time.wait(REPLY_AFTER_MS).then(() => sendReply(reply, false));
      return undefined;
    }
    const next = this.newGroup(queue, delivery);
    if (queue.current) {
      // This delivery did not fit into the group that gathers, so the group is as good as full.
      if (queue.current.state === 'gathering') queue.current.go();
      queue.waiting.push(next);
      await new Promise<void>((resolve) => (next.go = resolve));
    } else {
      queue.current = next;
      if (hasRoom(next, maxGroupSize)) await this.gather(next);
    }
    return this.start(trigger, queue, next);
  }

  /**
   * Waits as long as each moment brings another delivery. Otherwise requests that n8n has begun to
   * read would need a second execution. A delivery that fills the group, or comes after its time,
   * ends the wait, too: if n8n is busy with one request after the other, timers fire late.
   */
  private async gather(group: Group): Promise<void> {
    group.state = 'gathering';
    group.gatheredAt = this.time.elapsed() + GATHERED_AFTER_MS;
    await Promise.race([
      this.untilQuiet(group),
      new Promise<void>((resolve) => (group.go = resolve)),
    ]);
  }

  private async untilQuiet({ deliveries }: Group): Promise<void> {
    for (let before = 0; before < deliveries.length;) {
      before = deliveries.length;
      await this.time.wait(GATHER_MS);
    }
  }

  private queueOf(trigger: string): GroupQueue {
    let queue = this.queues.get(trigger);
    if (!queue) {
      queue = { waiting: [], pending: new Map() };
      this.queues.set(trigger, queue);
    }
    return queue;
  }

  private newGroup(queue: GroupQueue, first: Delivery): Group {
    const group: Group = {
      deliveries: [first],
      bytes: first.bytes,
      repeats: [],
      state: 'waiting',
      gatheredAt: 0,
      inDoubtSince: Infinity,
      go: () => {},
    };
    queue.pending.set(first.requestId, group);
    return group;
  }

  /**
   * A repeat gets the response of the group. If the group has been in doubt for long, its execution
   * exists and waits for a free slot (n8n's concurrency limit). Then the repeat gets a 200, or
   * Baseten would count the result as lost.
   */
  private addRepeat(group: Group, reply: HttpReply): void {
    group.repeats.push(reply);
    void this.time
      .wait(REPLY_AFTER_MS)
      .then(() => sendReply(reply, this.time.elapsed() - group.inDoubtSince >= IN_DOUBT_MS));
  }

  private start(trigger: string, queue: GroupQueue, group: Group): Delivery[] {
    group.state = 'recording';
    const [leader] = group.deliveries as [Delivery];
    let settled = false;
    whenEnded(leader.reply, (status) => {
      if (settled) return;
      settled = true;
      this.settle(trigger, queue, group, status < 300);
    });
    void this.time.wait(IN_DOUBT_MS).then(() => {
      if (!settled) this.callInDoubt(queue, group);
    });
    void this.time.wait(FORGET_MS).then(() => {
      if (!settled) forget(queue, group);
    });
    return group.deliveries;
  }

  private settle(trigger: string, queue: GroupQueue, group: Group, recorded: boolean): void {
    // First remembered, then replied to: a repeat may come as soon as the response is sent.
    if (recorded)
      this.onRecorded(
        trigger,
        group.deliveries.map(({ requestId }) => requestId),
      );
    forget(queue, group);
    replyToFollowers(group, recorded);
    // Timers still refer to the group for a while. Its deliveries must not stay in memory so long.
    group.deliveries = [];
    this.startNext(queue, group);
  }

  private callInDoubt(queue: GroupQueue, group: Group): void {
    group.inDoubtSince = this.time.elapsed();
    this.startNext(queue, group);
  }

  private startNext(queue: GroupQueue, group: Group): void {
    if (queue.current !== group) return;
    const following = queue.waiting.shift();
    // Set before its leader goes on, so that no delivery that arrives in between starts another
    // group.
    queue.current = following;
    following?.go();
  }
}

function hasRoom({ deliveries, bytes }: Group, maxGroupSize: number, more = 0): boolean {
  return deliveries.length < maxGroupSize && bytes + more <= LARGEST_GROUP_BYTES;
}

/** Whether a group still takes in deliveries. */
function isOpen({ state }: Group): boolean {
  return state === 'gathering' || state === 'waiting';
}

function forget(queue: GroupQueue, group: Group): void {
  for (const { requestId } of group.deliveries) {
    if (queue.pending.get(requestId) === group) queue.pending.delete(requestId);
  }
}

function replyToFollowers({ deliveries, repeats }: Group, recorded: boolean): void {
  for (const { reply } of deliveries.slice(1)) sendReply(reply, recorded);
  for (const reply of repeats.splice(0)) sendReply(reply, recorded);
}

function sendReply(reply: HttpReply, recorded: boolean): void {
  // It may have been sent before, or its client may have gone away.
  if (reply.headersSent) return;
  try {
    if (recorded) reply.status(200).json({ received: true });
    else reply.status(503).json({ message: 'Not recorded yet. Please deliver again.' });
  } catch {
    // One response that fails must not hold up the others, or the next group.
  }
}

/**
 * Calls back with the status when n8n ends the response. n8n does that when the execution is
 * recorded, or recording has failed. The response's events are not enough: there is no `finish` if
 * the client went away.
 */
function whenEnded(reply: HttpReply, callback: (status: number) => void): void {
  const end = reply.end.bind(reply);
  reply.end = (...args) => {
    callback(reply.statusCode);
    return end(...args);
  };
}
