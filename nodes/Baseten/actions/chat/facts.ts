import { costOf } from '../../../shared/chat/cost';
import type { ChatCompletion } from '../../../shared/chat/types';
import type { KnownLimit } from '../../../shared/http/flow/window';
import { knownLimitsOf, modelApiFacts } from '../../../shared/knowledge/modelApis';
import { named } from '../../../shared/knowledge/servedModel';
import { readSource, type Source } from '../../../shared/parameters/source';
import type { ItemCall } from '../operation';

/**
 * Reads what an item calls. A deployment is asked once a run for a name that the user left empty.
 * @throws {UserInputError} if no model is chosen, or an ID can't be used
 */
export async function sourceOf(call: ItemCall): Promise<Source> {
  const { context, itemIndex, connection, send, once } = call;
  const source = readSource(context, itemIndex, connection.endpoints);
  if (source.isNamed) return source;
  const key = `served model ${source.openAiUrl('/models')}`;
  const { model } = await once(key, async () => await named(source, { connection, send }));
  return { ...source, model };
}

/**
 * Finds out the limits of a Model API. Baseten is asked once a run, and only if there are several
 * items: one alone is not held up for it.
 */
export async function limitsOf(
  { context, connection, signal, once }: ItemCall,
  model: string,
): Promise<readonly KnownLimit[] | undefined> {
  const mayAsk = context.getInputData().length > 1;
  return await once(
    `limits ${model}`,
    async () => await knownLimitsOf({ context, connection }, model, { mayAsk, signal }),
  );
}

/** Adds what an answer costs to its usage, unless the key may not read the prices. */
export async function addCost(
  { context, connection }: ItemCall,
  completion: ChatCompletion,
  model: string,
): Promise<void> {
  const { prices } = (await modelApiFacts({ context, connection }, model)) ?? {};
  const cost = prices && costOf(completion.usage, prices);
  if (cost !== undefined) completion.usage = { ...completion.usage, cost };
}
