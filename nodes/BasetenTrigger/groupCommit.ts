// Decisions: docs/decisions.md,
// "200 means that the result is recorded",
// "The trigger commits deliveries in groups",
// "A group gathers for a moment and stays small".

import type { INodeExecutionData } from 'n8n-workflow';

import type { HttpReply } from '../shared/webhook/delivery';
import { whenEnded } from '../shared/webhook/whenEnded';
import { realTime, type Time } from '../shared/time';

/** What a delivery gives the workflow: an item, or several. */
type Item = INodeExecutionData | INodeExecutionData[];

/** A genuine delivery on its way into an execution. */
export interface Delivery {
  requestId: string;
  /** What is known to be recorded with it; by default its request ID. */
  ids?: string[];
  /**
   * Makes what it gives the workflow. A repeat is not asked, because that can write a file, which
   * nobody would use.
   */
  toItem(): Promise<Item>;
  /** The response to it, which is still open. */
  reply: HttpReply;
  /** Bytes of its body. */
  bytes: number;
}

/** A delivery in an execution that is to be started. */
export interface Started {
  ids: string[];
  item: Item;
}

/** A delivery, without the request that brought it. */
interface Entry {
  requestId: string;
  ids: string[];
  item: Promise<Item>;
  bytes: number;
  /**
   * Responses that are still to be sent: its own, unless n8n sends that, and those to its repeats.
   */
  open: Set<OpenReply>;
  /** The group it is in; none while it waits for one that takes it over. */
  group?: Group;
}

/**
 * A response that is still to be sent, and of what. Emptied once it is sent, because it stays in a
 * list for seconds: bodies must not stay in memory that long.
 */
interface OpenReply {
  reply?: HttpReply;
  entry?: Entry;
  queue: GroupQueue;
  /** When Baseten will soon give up, on the clock that never goes back. */
  until: number;
}

/**
 * Deliveries that start one execution together. The first one, the leader, starts it with its
 * request. The others, the followers, get the same response as the leader.
 */
interface Group {
  entries: Entry[];
  /** Bytes of all of them. */
  bytes: number;
  settings: GroupSettings;
  /**
   * `gathering`: it is its turn, and it takes in the rest of its burst. `waiting`: for its turn.
   * `recording`: n8n records its execution, and it takes in no more.
   */
  state: 'gathering' | 'waiting' | 'recording';
  /** When gathering ends at the latest, on the clock that never goes back. */
  gatheredAt: number;
  /** Lets the leader go on, if the group gathers or waits. */
  go(): void;
}

/** The groups of one trigger, in the order of their turn. */
interface GroupQueue {
  /** The group whose turn it is: it records, or still gathers. */
  current?: Group;
  waiting: Group[];
  /** Followers of a recording that failed, the oldest first. The next group takes them over. */
  leftOver: Set<Entry>;
  /** The entry of a request ID, from its arrival until the outcome is known. */
  pending: Map<string, Entry>;
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
 * once. Each gets its response only when its execution is recorded: 200. If recording failed, its
 * followers join the next group. Whoever has waited for 9 seconds gets a 503, so that Baseten
 * delivers again. It does that only once.
 *
 * A request that waits inside `webhook()` holds resources of n8n. So only the leader of a group
 * waits there. The followers leave their response behind, and it is sent with the leader's outcome.
 */
export class GroupCommit {
  private readonly queues = new Map<string, GroupQueue>();

  /** Responses that were left open in the last 9 seconds, the oldest first; some are sent now. */
  private readonly leftOpen: OpenReply[] = [];

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
    settings: GroupSettings,
  ): Promise<Started[] | undefined> {
    const queue = this.queueOf(trigger);
    const known = queue.pending.get(delivery.requestId);
    if (known?.group) {
      this.keepOpen(queue, known, delivery.reply);
      return undefined;
    }
    // A repeat of one that was left over brings the request that it needs.
    const entry = known ?? newEntry(delivery);
    queue.leftOver.delete(entry);
    queue.pending.set(entry.requestId, entry);
    const { maxGroupSize } = settings;
    const open = queue.waiting.at(-1) ?? queue.current;
    if (settings.group && open && isOpen(open) && hasRoom(open, maxGroupSize, entry.bytes)) {
      add(open, entry);
      const isGathered = !hasRoom(open, maxGroupSize) || this.time.elapsed() >= open.gatheredAt;
      if (open.state === 'gathering' && isGathered) open.go();
      this.keepOpen(queue, entry, delivery.reply);
      return undefined;
    }
    const next = newGroup(entry, settings);
    if (settings.group && queue.current) {
      // This delivery did not fit into the group that gathers, so the group is as good as full.
      if (queue.current.state === 'gathering') queue.current.go();
      queue.waiting.push(next);
      await new Promise<void>((resolve) => (next.go = resolve));
    } else if (settings.group) {
      queue.current = next;
      if (hasRoom(next, maxGroupSize)) await this.gather(next);
    }
    return await this.start(trigger, queue, next, delivery.reply);
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

  private async untilQuiet({ entries }: Group): Promise<void> {
    for (let before = 0; before < entries.length;) {
      before = entries.length;
      await this.time.wait(GATHER_MS);
    }
  }

  private queueOf(trigger: string): GroupQueue {
    let queue = this.queues.get(trigger);
    if (!queue) {
      queue = { waiting: [], leftOver: new Set(), pending: new Map() };
      this.queues.set(trigger, queue);
    }
    return queue;
  }

  /**
   * Keeps a response open until the outcome of its delivery is known, or Baseten would give up.
   * Repeats are no exception, however long the recording takes: its execution may exist and wait
   * for a free slot, but it may also never be recorded, and a 200 would lose the result.
   */
  private keepOpen(queue: GroupQueue, entry: Entry, reply: HttpReply): void {
    const until = this.time.elapsed() + REPLY_AFTER_MS;
    const open: OpenReply = { reply, entry, queue, until };
    entry.open.add(open);
    if (this.leftOpen.push(open) === 1) void this.sendLate();
  }

  /** Waits for one response after the other: a wait for each of a burst would cost more. */
  private async sendLate(): Promise<void> {
    for (let [next] = this.leftOpen; next; [next] = this.leftOpen) {
      const left = next.until - this.time.elapsed();
      if (left > 0) {
        await this.time.wait(left);
      } else {
        this.leftOpen.shift();
        this.giveUp(next);
      }
    }
  }

  private giveUp(open: OpenReply): void {
    const { entry, queue } = open;
    if (!entry) return;
    send(open, false);
    if (!entry.group && entry.open.size === 0) forget(queue, [entry]);
  }

  private async start(
    trigger: string,
    queue: GroupQueue,
    group: Group,
    reply: HttpReply,
  ): Promise<Started[]> {
    group.state = 'recording';
    takeLeftOver(queue, group);
    const settled = new AbortController();
    const { signal } = settled;
    whenEnded(reply, (status) => {
      // With a reason of its own. The default one is an error, whose stack holds the response.
      settled.abort('settled');
      this.settle(trigger, queue, group, status < 300);
    });
    void this.time.wait(IN_DOUBT_MS, signal).then(() => {
      if (!signal.aborted) this.startNext(queue, group);
    });
    void this.time.wait(FORGET_MS, signal).then(() => {
      if (!signal.aborted) forget(queue, group.entries);
    });
    return await Promise.all(
      group.entries.map(async ({ ids, item }) => ({ ids, item: await item })),
    );
  }

  private settle(trigger: string, queue: GroupQueue, group: Group, recorded: boolean): void {
    const { entries } = group;
    // Timers still refer to the group for a while. Its deliveries must not stay in memory so long.
    group.entries = [];
    // First remembered, then replied to: a repeat may come as soon as the response is sent.
    if (recorded)
      this.onRecorded(
        trigger,
        entries.flatMap(({ ids }) => ids),
      );
    for (const entry of entries) {
      const isLeftOver = !recorded && entry.open.size > 0 && canTakeOver(group);
      if (isLeftOver) leaveOver(queue, entry);
      else forget(queue, [entry]);
      if (!isLeftOver) for (const open of entry.open) send(open, recorded);
    }
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

function newEntry({ requestId, ids = [requestId], toItem, bytes }: Delivery): Entry {
  return { requestId, ids, item: toItem(), bytes, open: new Set() };
}

function newGroup(leader: Entry, settings: GroupSettings): Group {
  const group: Group = {
    entries: [],
    bytes: 0,
    settings,
    state: 'waiting',
    gatheredAt: 0,
    go: () => {},
  };
  add(group, leader);
  return group;
}

function add(group: Group, entry: Entry): void {
  entry.group = group;
  group.entries.push(entry);
  group.bytes += entry.bytes;
}

function leaveOver(queue: GroupQueue, entry: Entry): void {
  entry.group = undefined;
  queue.leftOver.add(entry);
}

/**
 * Takes in those that an earlier recording left over, before the group's own followers: they have
 * waited longer. Followers that find no room are left over in turn.
 */
function takeLeftOver(queue: GroupQueue, group: Group): void {
  if (queue.leftOver.size === 0 || !canTakeOver(group)) return;
  const [leader, ...followers] = group.entries as [Entry, ...Entry[]];
  const candidates = [...queue.leftOver, ...followers];
  queue.leftOver.clear();
  group.entries = [];
  group.bytes = 0;
  add(group, leader);
  for (const entry of candidates) {
    if (hasRoom(group, group.settings.maxGroupSize, entry.bytes)) add(group, entry);
    else leaveOver(queue, entry);
  }
}

function canTakeOver({ settings }: Group): boolean {
  return settings.group && settings.maxGroupSize > 1;
}

function hasRoom({ entries, bytes }: Group, maxGroupSize: number, more = 0): boolean {
  return entries.length < maxGroupSize && bytes + more <= LARGEST_GROUP_BYTES;
}

/** Whether a group still takes in deliveries. */
function isOpen({ state }: Group): boolean {
  return state === 'gathering' || state === 'waiting';
}

function forget({ pending, leftOver }: GroupQueue, entries: Entry[]): void {
  for (const entry of entries) {
    leftOver.delete(entry);
    if (pending.get(entry.requestId) === entry) pending.delete(entry.requestId);
  }
}

function send(open: OpenReply, recorded: boolean): void {
  const { reply, entry } = open;
  open.reply = undefined;
  open.entry = undefined;
  entry?.open.delete(open);
  // It may have been sent before, or its client may have gone away.
  if (!reply || reply.headersSent) return;
  try {
    if (recorded) reply.status(200).json({ received: true });
    else reply.status(503).json({ message: 'Not recorded yet. Please deliver again.' });
  } catch {
    // One response that fails must not hold up the others, or the next group.
  }
}
