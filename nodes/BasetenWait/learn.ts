// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import {
  looksOf,
  queueEndsOf,
  type Keeper,
  type News,
  type Parent,
  type Reason,
  type Settled,
  type Sight,
  type Tracked,
} from './keeper';
import { nextLook } from './looks';

/** So often in a row a parent may be unclear; then it counts as unreachable. */
const MOST_UNCLEAR = 10;
/** Baseten must say so often that it does not know a request: once may be a fault on the way. */
const GONE_AFTER = 2;

/** The keeper after some news, at a time in milliseconds since 1970. */
export function learn(keeper: Keeper, news: News, now: number): Keeper {
  switch (news.of) {
    case 'waking':
      return withResults({ ...keeper, turn: keeper.turn + 1, awake: {} }, news.results);
    case 'probe':
      return afterProbe(keeper, news, now);
    case 'submit':
      return afterSubmitting(keeper, news, now);
    case 'look':
      return afterLooking(keeper, news.sights, now);
    case 'cancel': {
      const phase = keeper.awake.parent === 'gone' ? 'done' : keeper.phase;
      return { ...keeper, phase, awake: { ...keeper.awake, hasCanceled: true } };
    }
    case 'deliver':
      return afterDelivering(keeper, news.answer);
  }
}

/** A result counts more than any failure that the keeper has found by itself. */
function withResults(keeper: Keeper, results: Record<string, Settled>): Keeper {
  const items = keeper.items.map((item, index) => {
    const settled = results[index];
    const isNews = settled !== undefined && (!item.settled || item.settled.failed);
    return isNews ? settle(item, settled) : item;
  });
  return { ...keeper, items };
}

function afterProbe(
  keeper: Keeper,
  { parent: said, holding, last }: Extract<News, { of: 'probe' }>,
  now: number,
): Keeper {
  const { parent, unclear } = judgeParent(keeper, said);
  const isThere = parent === 'parked' || parent === 'unreachable';
  const phase = keeper.phase === 'ready' && isThere ? 'watching' : keeper.phase;
  const wasParked = keeper.wasParked || parent === 'parked';
  const awake = { ...keeper.awake, parent, isLast: keeper.awake.isLast || (last && isThere) };
  const asked = { ...keeper, phase, wasParked, unclear, awake };
  return isThere && awake.sights ? judge(asked, awake.sights, holding, now) : asked;
}

/**
 * What the parent is, after something or somebody has answered for it. n8n may not have parked it
 * yet, so an awake parent has gone on only if it was seen parked, or stays awake for minutes. One
 * that was reached before is unreachable only if it stays so for minutes.
 */
function judgeParent(
  { wasParked, unclear: before }: Keeper,
  said: Parent,
): { parent: Parent; unclear: number } {
  const isClear = said === 'unreachable' ? !wasParked : said !== 'awake' && said !== 'unclear';
  if (isClear) return { parent: said, unclear: 0 };
  const unclear = before + 1;
  const isSure = unclear >= MOST_UNCLEAR;
  if (said === 'awake') return { parent: wasParked || isSure ? 'gone' : 'awake', unclear };
  return { parent: isSure ? 'unreachable' : 'unclear', unclear };
}

/** Decides what the sights of a look mean, now that it is known that the parent waits. */
function judge(
  keeper: Keeper,
  sights: Record<number, Sight>,
  holding: number[],
  now: number,
): Keeper {
  const isParked = keeper.awake.parent === 'parked';
  if (!isParked && hasGoneOn(keeper, sights[0]))
    return { ...keeper, awake: { ...keeper.awake, parent: 'gone', sights: undefined } };
  const items = keeper.items.map((item, index) => {
    const sight = sights[index];
    if (!sight || item.stage !== 'pending' || holding.includes(index)) return item;
    const isLate = now >= (item.waitUntil ?? Infinity);
    switch (sight.see) {
      case 'failed':
        return settle(item, { reason: sight.reason, failed: true });
      case 'undelivered': {
        // An unreachable parent may have it, unless Baseten says that it could not deliver.
        if (!isParked && sight.webhook !== 'FAILED') break;
        const { status, webhook } = sight;
        return lose(item, { why: 'lost', status, webhook }, isLate);
      }
      case 'unknown':
        if (item.notFound < GONE_AFTER) break;
        return lose(item, { why: 'unknown', words: sight.words, hint: sight.hint }, isLate);
    }
    if (!isLate) return item;
    const last = sight.see === 'running' ? sight.status : `unknown: ${item.trouble}`;
    return settle(item, { reason: { why: 'time', last }, failed: true });
  });
  return { ...keeper, items, awake: { ...keeper.awake, sights: undefined } };
}

/**
 * Whether a parent that can't be reached has gone on by itself: it was given the result of its only
 * item. A failure that ends the wait is not one of those: the keeper must have that.
 */
function hasGoneOn({ items, stops }: Keeper, sight: Sight | undefined): boolean {
  if (items.length !== 1 || !sight || !('webhook' in sight)) return false;
  return sight.webhook === 'SUCCEEDED' && (sight.see === 'undelivered' || !stops);
}

/** Submits the input of a lost result once more, if the user wants that and there is time. */
function lose(item: Tracked, reason: Reason, isLate: boolean): Tracked {
  if (!item.resubmits || item.submissions > 1 || isLate)
    return settle(item, { reason, failed: true });
  return { ...item, stage: 'new', requestId: undefined, notFound: 0 };
}

function settle(item: Tracked, settled: Settled): Tracked {
  return { ...item, stage: 'settled', settled };
}

function afterSubmitting(
  keeper: Keeper,
  { made, nextAt }: Extract<News, { of: 'submit' }>,
  now: number,
): Keeper {
  const items = keeper.items.map((item, index): Tracked => {
    const one = made[index];
    if (one === undefined) return item;
    if ('failed' in one) return settle(item, one);
    const { submissions, patience, waitUntil = now + patience } = item;
    return { ...item, ...one, stage: 'pending', submissions: submissions + 1, waitUntil };
  });
  const submitted = { ...keeper, items, since: now, submitAt: nextAt };
  const lookAt = nextLook(now, queueEndsOf(submitted), now);
  return { ...submitted, lookAt, awake: { ...keeper.awake, hasSubmitted: true } };
}

function afterLooking(keeper: Keeper, sights: Record<number, Sight>, now: number): Keeper {
  const items = keeper.items.map((item, index): Tracked => {
    const sight = sights[index];
    if (sight?.see === 'unknown')
      return { ...item, notFound: item.notFound + 1, trouble: sight.words };
    return sight?.see === 'nothing' ? { ...item, trouble: sight.trouble } : item;
  });
  const toLook = looksOf(keeper).filter((index) => !(index in sights));
  const lookAt = nextLook(keeper.since, queueEndsOf(keeper), now);
  // What the parent said before does not count any more: results may have come since.
  const awake = { ...keeper.awake, hasLooked: true, parent: undefined, sights };
  return { ...keeper, items, toLook, lookAt, awake };
}

function afterDelivering(
  keeper: Keeper,
  answer: Extract<News, { of: 'deliver' }>['answer'],
): Keeper {
  if (answer === 'taken') return { ...keeper, phase: 'done' };
  const { parent, unclear } =
    answer === 'refused' ? { parent: answer, unclear: 0 } : judgeParent(keeper, answer);
  // What can't be delivered, n8n hands back.
  if (parent === 'unreachable' || parent === 'refused')
    return { ...keeper, unclear: 0, awake: { ...keeper.awake, handsBack: true } };
  return { ...keeper, unclear, awake: { ...keeper.awake, parent } };
}
