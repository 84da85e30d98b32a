import { toErrorJson } from '../shared/errors/errorJson';
import { hidingSecrets } from '../shared/errors/nodeErrors';
import { UserInputError } from '../shared/errors/userInputError';
import type { ItemJob } from '../shared/waiting/job';
import { checkResult, inferenceFailed, type Outcome } from '../shared/waiting/outcome';
import { isSuccess, toPayload, type AsyncResult } from '../shared/webhook/verify';
import type { Keeper, Settled } from './keeper';
import { wordsOf } from './words';
import { positionOf, type Turn } from './turn';

/** An outcome as the keeper remembers it: text is stored once, however often it is passed on. */
export function settledBy(outcome: Outcome): Settled {
  return { outcome: JSON.stringify(outcome), failed: 'failure' in outcome };
}

/** What a result is for the workflow. @param item position of its item in the input */
export async function outcomeOfResult(
  { context, baseten }: Pick<Turn, 'context' | 'baseten'>,
  { owner, metadata, field, reading, item: position }: ItemJob,
  item: number,
  result: AsyncResult,
): Promise<Outcome> {
  const success = () => ({
    payload: toPayload(result, metadata),
    field,
    reading,
    item: position,
  });
  if (isSuccess(result) && !reading) return success();
  // Only the words of a failure can hold a secret, so a success needs no credential.
  const { secrets } = await baseten.access();
  try {
    return await hidingSecrets(secrets, async () => {
      if (!isSuccess(result)) throw inferenceFailed(owner, result.request_id, result.errors);
      await checkResult(result, reading, owner);
      return success();
    });
  } catch (error) {
    return { failure: toErrorJson(context.getNode(), error, item) };
  }
}

/** What became of all items, in the order of the input. */
export function outcomesOf(turn: Turn, keeper: Keeper): Outcome[] {
  return keeper.items.map(({ settled }, item) =>
    settled && 'outcome' in settled
      ? (JSON.parse(settled.outcome) as Outcome)
      : {
          failure: toErrorJson(
            turn.context.getNode(),
            causeOf(turn, keeper, item),
            positionOf(turn.job, item),
          ),
        },
  );
}

/** Why an item failed, as it is thrown if that ends the wait. */
export function causeOf({ job, causes }: Turn, { items }: Keeper, item: number): unknown {
  const known = causes.get(item);
  const tracked = items[item];
  const settled = tracked?.settled;
  if (known !== undefined || !tracked || !settled) return known;
  if ('outcome' in settled) {
    const outcome = JSON.parse(settled.outcome) as Outcome;
    const { error = '', message = '' } = 'failure' in outcome ? outcome.failure : {};
    return new UserInputError(String(error), String(message));
  }
  return wordsOf(settled.reason, job.items[item] as ItemJob, tracked);
}
