import type { INodeExecutionData } from 'n8n-workflow';

import type { Answer } from '../shared/webhook/delivery';
import { realTime, type Time } from '../shared/time';

/** A genuine delivery on its way into an execution. */
export interface Delivery {
  requestId: string;
  item: INodeExecutionData;
  answer: Answer;
  /** Bytes of its body. */
  bytes: number;
}

/** Deliveries that start one execution together. The first one's request starts it; the others are answered like it. */
interface Group {
  deliveries: Delivery[];
  /** Bytes of all of them. */
  bytes: number;
  /** Repeats of deliveries that are in the group already. */
  repeats: Answer[];
  state: 'gathering' | 'waiting' | 'recording';
  /** When a group that gathers goes on, in milliseconds since 1970. */
  gatheredAt: number;
  /** When the recording came into doubt, in milliseconds since 1970. */
  inDoubtSince: number;
  /** Lets the leader go on, of a group that gathers or waits. */
  go(): void;
}

/** What one trigger is doing. */
interface Line {
  /** The group whose turn it is: it records, or still gathers. */
  current?: Group;
  waiting: Group[];
  /** Groups that an ID is in, from its arrival until the outcome is known. */
  pending: Map<string, Group>;
}

export interface GroupSettings {
  /** Whether deliveries may share an execution. */
  group: boolean;
  /** Most deliveries in one execution. */
  maxGroupSize: number;
}

/**
 * Most bytes in one execution, but for a single delivery that has more. n8n takes no other request while it writes an
 * execution down, so those of hundreds of megabytes would all be recorded too late for Baseten.
 */
const LARGEST_GROUP_BYTES = 8_000_000;

/** Milliseconds that a first delivery lets others of its burst catch up, again and again while any do. */
const GATHER_MS = 2;

/** Milliseconds after which it goes on even so. */
const GATHERED_AFTER_MS = 100;

/** Milliseconds after which a recording that has no outcome holds up the next group no longer. */
const IN_DOUBT_MS = 4500;

/** Milliseconds after which a delivery is answered even so: before the 10 s after which Baseten gives up. */
const ANSWERED_AFTER_MS = 9000;

/** Milliseconds that an ID of a group without an outcome is remembered: longer than Baseten repeats. */
const FORGET_MS = 60_000;

/**
 * Group commit, as in databases: while n8n records one execution, the deliveries that arrive wait and start the next
 * one together. Those that arrive at the same moment do so at once. Each is answered only when its execution is
 * recorded: 200, or 503 where recording failed, so that Baseten delivers again.
 *
 * A request that waits inside `webhook()` holds resources of n8n, so only the leader of a group waits there; the
 * others leave their response behind and are answered with the leader's outcome.
 */
export class GroupCommit {
  private readonly lines = new Map<string, Line>();

  /** @param onRecorded told which request IDs of a trigger are safely in an execution */
  constructor(
    private readonly onRecorded: (trigger: string, requestIds: string[]) => void,
    private readonly time: Time = realTime,
  ) {}

  /**
   * Brings in a delivery.
   * @param trigger identifies the workflow and node
   * @returns the deliveries to start an execution with, or nothing where another request starts it and answers this one
   */
  async join(
    trigger: string,
    delivery: Delivery,
    { group, maxGroupSize }: GroupSettings,
  ): Promise<Delivery[] | undefined> {
    const line = this.line(trigger);
    const same = line.pending.get(delivery.requestId);
    if (same) {
      this.repeat(same, delivery.answer);
      return undefined;
    }
    if (!group) return this.start(trigger, line, this.newGroup(line, delivery));
    const open = line.waiting.at(-1) ?? line.current;
    if (open && isOpen(open) && hasRoom(open, maxGroupSize, delivery.bytes)) {
      open.deliveries.push(delivery);
      open.bytes += delivery.bytes;
      line.pending.set(delivery.requestId, open);
      const isGathered = !hasRoom(open, maxGroupSize) || this.time.now() >= open.gatheredAt;
      if (open.state === 'gathering' && isGathered) open.go();
      const { answer } = delivery;
      void this.time.wait(ANSWERED_AFTER_MS).then(() => answerWith(answer, false));
      return undefined;
    }
    const next = this.newGroup(line, delivery);
    if (line.current) {
      // What has no room in a group that gathers is followed by more of its kind.
      if (line.current.state === 'gathering') line.current.go();
      line.waiting.push(next);
      await new Promise<void>((resolve) => (next.go = resolve));
    } else {
      line.current = next;
      if (hasRoom(next, maxGroupSize)) await this.gather(next);
    }
    return this.start(trigger, line, next);
  }

  /**
   * Waits while each moment brings another delivery: what n8n has begun to read would else make a second execution.
   * A delivery that fills the group, or comes when its time is over, ends that: where n8n is busy with one request
   * after the other, timers are late.
   */
  private async gather(group: Group): Promise<void> {
    group.state = 'gathering';
    group.gatheredAt = this.time.now() + GATHERED_AFTER_MS;
    await Promise.race([this.quiet(group), new Promise<void>((resolve) => (group.go = resolve))]);
  }

  private async quiet({ deliveries }: Group): Promise<void> {
    for (let before = 0; before < deliveries.length;) {
      before = deliveries.length;
      await this.time.wait(GATHER_MS);
    }
  }

  private line(trigger: string): Line {
    let line = this.lines.get(trigger);
    if (!line) {
      line = { waiting: [], pending: new Map() };
      this.lines.set(trigger, line);
    }
    return line;
  }

  private newGroup(line: Line, first: Delivery): Group {
    const group: Group = {
      deliveries: [first],
      bytes: first.bytes,
      repeats: [],
      state: 'waiting',
      gatheredAt: 0,
      inDoubtSince: Infinity,
      go: () => {},
    };
    line.pending.set(first.requestId, group);
    return group;
  }

  /**
   * A repeat is answered with the group. Where that is in doubt for long, its execution exists and waits for a free
   * slot (n8n's concurrency limit): there the repeat is told that it was received, or Baseten would call it lost.
   */
  private repeat(group: Group, answer: Answer): void {
    group.repeats.push(answer);
    void this.time
      .wait(ANSWERED_AFTER_MS)
      .then(() => answerWith(answer, this.time.now() - group.inDoubtSince >= IN_DOUBT_MS));
  }

  private start(trigger: string, line: Line, group: Group): Delivery[] {
    group.state = 'recording';
    const [leader] = group.deliveries as [Delivery];
    let settled = false;
    whenAnswered(leader.answer, (status) => {
      if (settled) return;
      settled = true;
      this.settle(trigger, line, group, status < 300);
    });
    void this.time.wait(IN_DOUBT_MS).then(() => {
      if (!settled) this.doubt(line, group);
    });
    void this.time.wait(FORGET_MS).then(() => {
      if (!settled) forget(line, group);
    });
    return group.deliveries;
  }

  private settle(trigger: string, line: Line, group: Group, recorded: boolean): void {
    // First remembered, then answered: a repeat may come as soon as the answer is out.
    if (recorded)
      this.onRecorded(
        trigger,
        group.deliveries.map(({ requestId }) => requestId),
      );
    forget(line, group);
    answerFollowers(group, recorded);
    // Timers hold on to the group for a while; what it brought must not stay in memory so long.
    group.deliveries = [];
    this.next(line, group);
  }

  private doubt(line: Line, group: Group): void {
    group.inDoubtSince = this.time.now();
    this.next(line, group);
  }

  private next(line: Line, group: Group): void {
    if (line.current !== group) return;
    const following = line.waiting.shift();
    // Taken before its leader goes on, so that no arrival in between starts a group beside it.
    line.current = following;
    following?.go();
  }
}

function hasRoom({ deliveries, bytes }: Group, maxGroupSize: number, more = 0): boolean {
  return deliveries.length < maxGroupSize && bytes + more <= LARGEST_GROUP_BYTES;
}

function isOpen({ state }: Group): boolean {
  return state === 'gathering' || state === 'waiting';
}

function forget(line: Line, group: Group): void {
  for (const { requestId } of group.deliveries) {
    if (line.pending.get(requestId) === group) line.pending.delete(requestId);
  }
}

function answerFollowers({ deliveries, repeats }: Group, recorded: boolean): void {
  for (const { answer } of deliveries.slice(1)) answerWith(answer, recorded);
  for (const answer of repeats.splice(0)) answerWith(answer, recorded);
}

function answerWith(answer: Answer, recorded: boolean): void {
  // Who went away or was answered before gets nothing more.
  if (answer.headersSent) return;
  try {
    if (recorded) answer.status(200).json({ received: true });
    else answer.status(503).json({ message: 'Not recorded yet. Please deliver again.' });
  } catch {
    // One response that breaks must not keep the others, or the next group, from going on.
  }
}

/**
 * Calls back with the status when n8n ends the response, which it does once the execution is recorded or has failed
 * to be. Its own events would not do: a client that went away has no `finish`.
 */
function whenAnswered(answer: Answer, callback: (status: number) => void): void {
  const end = answer.end.bind(answer);
  answer.end = (...args) => {
    callback(answer.statusCode);
    return end(...args);
  };
}
