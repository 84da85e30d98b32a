// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import { readAnswer, type Said } from '../../shared/waiting/answers';
import type { Post } from '../../shared/waiting/post';
import type { Time } from '../../shared/time';
import type { Accepted } from '../../shared/webhook/delivery';
import type { AsyncResult } from '../../shared/webhook/verify';

/** A result that came, and how many bytes it has. */
export type Came = Pick<Accepted, 'result' | 'bytes'>;

/** A result that a keeper is to have. */
interface Held extends Came {
  /** When it is given up, on the clock that never goes back. */
  until: number;
}

/** Results on their way to one keeper. */
export interface HandingOver {
  held: Map<number, Held>;
  /** Items that the keeper has taken, and may have lost again. */
  sent: number[];
  /** When to ask or to send next, on the clock that never goes back. */
  at: number;
  /** How often in a row the keeper could not answer. */
  tries: number;
  /** Most results in a message: fewer if n8n has refused one as too large. */
  most: number;
}

/** What is done next, and for which items. */
export type Step = { do: 'keep' | 'have'; items: number[] } | { do: 'wait'; until: number };

/** What became of a result that was handed over. `gone`: somebody deleted the keeper. */
export type HandedOver = 'kept' | 'given up' | 'gone';

/**
 * Milliseconds until the keeper is asked whether it still has what it took. n8n loads an execution
 * and wakes it some time later from that copy, so two wakings can undo each other.
 */
const CHECK_AFTER = 1_000;
/** Milliseconds until a keeper is tried again that is awake or unreachable, at first and later. */
const AGAIN_AFTER = { first: 100, most: 800 };
/** Milliseconds for which a result is held for a keeper that is awake. */
const HELD_FOR = 120_000;
/**
 * Bytes of results in a message, unless a single one has more: n8n takes no body of more than 16
 * MiB.
 */
const LARGEST_MESSAGE = 8_000_000;

/** Nothing to hand over yet. */
export function newHandingOver(): HandingOver {
  return { held: new Map(), sent: [], at: 0, tries: 0, most: Infinity };
}

/** Adds a result. @param now milliseconds on the clock that never goes back */
export function hold(handing: HandingOver, item: number, came: Came, now: number): void {
  if (!handing.held.has(item)) handing.held.set(item, { ...came, until: now + HELD_FOR });
}

/**
 * What is done next: one message at a time, with what came meanwhile, as much as n8n takes, and
 * then the question whether the keeper has it.
 * @returns nothing if there is nothing left
 */
export function nextStep(handing: HandingOver, now: number): Step | undefined {
  const { held, sent, at } = handing;
  if (held.size === 0) return undefined;
  if (now < at) return { do: 'wait', until: at };
  return sent.length > 0
    ? { do: 'have', items: sent }
    : { do: 'keep', items: forOneMessage(handing) };
}

/** The items that came first, as many as go into a message. */
function forOneMessage({ held, most }: HandingOver): number[] {
  const items: number[] = [];
  let size = 0;
  for (const [item, { bytes }] of held) {
    size += bytes;
    if (items.length > 0 && (size > LARGEST_MESSAGE || items.length >= most)) break;
    items.push(item);
  }
  return items;
}

/**
 * Takes in how a message was answered.
 * @returns the items whose fate is known now
 */
export function handled(
  handing: HandingOver,
  step: Exclude<Step, { do: 'wait' }>,
  said: Said,
  now: number,
): Map<number, HandedOver> {
  const fates = new Map<number, HandedOver>();
  const fate = (items: Iterable<number>, what: HandedOver) => {
    for (const item of [...items]) {
      handing.held.delete(item);
      fates.set(item, what);
    }
  };
  if (said.it === 'missing' || said.it === 'ended') {
    // What it had taken before it ended has reached the parent, or n8n hands it back.
    if (said.it === 'ended') fate(handing.sent, 'kept');
    fate(handing.held.keys(), said.it === 'ended' ? 'given up' : 'gone');
  } else if (said.it === 'says' && said.json.wait === 'done') {
    fate(handing.held.keys(), 'kept');
  } else if (said.it === 'says') {
    const have = new Set(Array.isArray(said.json.have) ? (said.json.have as number[]) : []);
    if (step.do === 'have')
      fate(
        step.items.filter((item) => have.has(item)),
        'kept',
      );
    handing.sent = step.do === 'keep' ? step.items : [];
    handing.at = step.do === 'keep' ? now + CHECK_AFTER : now;
    handing.tries = 0;
    return fates;
  } else if (said.it === 'refused' && step.items.length > 1) {
    handing.most = Math.ceil(step.items.length / 2);
    return fates;
  } else if (step.do === 'keep') {
    // One that n8n does not take must not keep the others out.
    if (said.it === 'refused') toTheEnd(handing, step.items);
    fate(
      step.items.filter((item) => now >= (handing.held.get(item)?.until ?? 0)),
      'given up',
    );
  }
  handing.at = now + Math.min(AGAIN_AFTER.first * 2 ** handing.tries++, AGAIN_AFTER.most);
  return fates;
}

function toTheEnd({ held }: HandingOver, items: number[]): void {
  for (const item of items) {
    const one = held.get(item);
    held.delete(item);
    if (one) held.set(item, one);
  }
}

/** Hands results over to keepers, one message at a time to each. */
export class Hands {
  private readonly handings = new Map<string, HandingOver & { isWorking?: boolean }>();
  private readonly listeners = new Map<string, Map<number, Array<(fate: HandedOver) => void>>>();

  constructor(
    private readonly post: Post,
    private readonly time: Time,
  ) {}

  /** Items whose results are on their way to a keeper. */
  holding(keeperUrl: string): number[] {
    return [...(this.handings.get(keeperUrl)?.held.keys() ?? [])];
  }

  /**
   * Gives a result to a keeper.
   * @returns what became of it; it may take some minutes until that is known
   */
  async give(keeperUrl: string, secret: string, item: number, came: Came): Promise<HandedOver> {
    const handing = this.handings.get(keeperUrl) ?? newHandingOver();
    this.handings.set(keeperUrl, handing);
    const listeners = this.listeners.get(keeperUrl) ?? new Map();
    this.listeners.set(keeperUrl, listeners);
    hold(handing, item, came, this.time.elapsed());
    const fate = new Promise<HandedOver>((resolve) => {
      listeners.set(item, [...(listeners.get(item) ?? []), resolve]);
    });
    void this.work(keeperUrl, secret, handing);
    return await fate;
  }

  private async work(
    keeperUrl: string,
    secret: string,
    handing: HandingOver & { isWorking?: boolean },
  ): Promise<void> {
    if (handing.isWorking) return;
    handing.isWorking = true;
    for (;;) {
      const step = nextStep(handing, this.time.elapsed());
      if (!step) break;
      if (step.do === 'wait') {
        await this.time.wait(step.until - this.time.elapsed());
        continue;
      }
      const message =
        step.do === 'have'
          ? ({ kind: 'have' } as const)
          : ({ kind: 'keep', results: resultsOf(handing, step.items) } as const);
      const said = readAnswer(await this.post(keeperUrl, message, secret));
      const listeners = this.listeners.get(keeperUrl);
      for (const [item, fate] of handled(handing, step, said, this.time.elapsed())) {
        for (const tell of listeners?.get(item) ?? []) tell(fate);
        listeners?.delete(item);
      }
    }
    this.handings.delete(keeperUrl);
    this.listeners.delete(keeperUrl);
  }
}

function resultsOf({ held }: HandingOver, items: number[]): Record<string, AsyncResult> {
  return Object.fromEntries(
    items.flatMap((item) => {
      const one = held.get(item);
      return one ? [[item, one.result]] : [];
    }),
  );
}
