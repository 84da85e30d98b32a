// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import { realTime } from '../shared/time';
import { readAnswer, type Said } from '../shared/waiting/answers';
import type { Outcome } from '../shared/waiting/outcome';
import { post } from '../shared/waiting/post';
import type { Command, News, Parent } from './keeper';
import type { Turn } from './turn';

/** Milliseconds that n8n gets to park the parent before it is asked. */
const PARKED_AFTER = 150;
/** Milliseconds for which a parent that is not parked yet is asked again. */
const PATIENCE = 5_000;
/** Milliseconds between two questions, at first and later. */
const AGAIN_AFTER = { first: 50, most: 800 };

/**
 * Asks the parent whether it is parked. A patient question waits until it is, or, if it can't be
 * reached, until n8n must have parked it.
 */
export async function probe(
  { job, secret }: Turn,
  { last, patient }: Extract<Command, { do: 'probe' }>,
): Promise<Extract<News, { of: 'probe' }>> {
  const end = realTime.elapsed() + (patient ? PATIENCE : 0);
  if (patient) await realTime.wait(PARKED_AFTER);
  for (let pause = AGAIN_AFTER.first; ; pause = Math.min(pause * 2, AGAIN_AFTER.most)) {
    const said = readAnswer(await post(job.parentUrl, { kind: 'probe', last }, secret));
    const parent = parentOf(said);
    const isKnown = parent !== 'awake' && parent !== 'unclear' && parent !== 'unreachable';
    if (isKnown || realTime.elapsed() >= end)
      return { of: 'probe', parent, holding: holdingOf(said), last };
    await realTime.wait(pause);
  }
}

/** Gives the parent what became of all items. */
export async function deliver(
  { job, secret }: Turn,
  outcomes: Outcome[],
): Promise<Extract<News, { of: 'deliver' }>> {
  const said = readAnswer(await post(job.parentUrl, { kind: 'deliver', outcomes }, secret));
  return { of: 'deliver', answer: answerOf(said) };
}

/** What an answer to a probe says of the parent. */
export function parentOf(said: Said): Parent {
  switch (said.it) {
    case 'says':
      return said.json.wait === 'parked' || said.json.wait === 'waking' ? said.json.wait : 'gone';
    case 'ended':
    case 'missing':
      return 'gone';
    case 'refused':
      return 'unclear';
    default:
      return said.it;
  }
}

/** What an answer says of a delivery. */
export function answerOf(said: Said): Extract<News, { of: 'deliver' }>['answer'] {
  switch (said.it) {
    case 'says':
      return said.json.wait === 'taken' || said.json.wait === 'waking' ? said.json.wait : 'gone';
    case 'ended':
    case 'missing':
      return 'gone';
    default:
      return said.it;
  }
}

/** The items whose results are on their way to the keeper. */
export function holdingOf(said: Said): number[] {
  const holding = said.it === 'says' ? said.json.holding : undefined;
  return Array.isArray(holding) ? (holding as number[]) : [];
}
