import { BasetenError } from '../errors/basetenError';
import { statusInWords } from '../management/statuses';
import { realTime, type Time } from '../time';
import { kindOf, type ModelKind } from './modelKind';
import { PROCESS_MEMORY, type Memory } from './memory';
import { deploymentStateOf, knowledgeOf, type KnowledgeQuestion } from './modelKnowledge';

/** So many models of a list are asked about, so many at the same time, for so many milliseconds. */
const MOST_MODELS = 60;
const AT_ONCE = 10;
const PATIENCE_MS = 2500;

/** A model of the workspace, and the deployment that speaks for it. */
export interface ListedModel {
  id: string;
  /** The one in production, or in development; nothing if the model has neither. */
  deploymentId?: string;
}

/** What a list shows of a model besides its name. */
export interface ModelDetails {
  /** Such as `awake` or `scaled to zero`. */
  status?: string;
  kind?: ModelKind;
}

/**
 * Reads status and kind of models, for a list that a person has opened. It wakes nothing. What is
 * not known in time is left out; it goes on being asked, so the list has it the next time.
 * @returns the details by the ID of the model
 */
export async function detailsOf(
  asker: Pick<KnowledgeQuestion, 'context' | 'connection'>,
  models: ListedModel[],
  { memory = PROCESS_MEMORY, time = realTime }: { memory?: Memory; time?: Time } = {},
): Promise<Map<string, ModelDetails>> {
  const details = new Map<string, ModelDetails>();
  const left = models.slice(0, MOST_MODELS);
  const askInTurn = async () => {
    for (let model = left.shift(); model; model = left.shift()) {
      const { id, deploymentId } = model;
      if (deploymentId === undefined) continue;
      const target = { type: 'deployment', deploymentId } as const;
      const question = { ...asker, modelId: id, target, maxRetries: 0 };
      const [state, knowledge] = await Promise.allSettled([
        deploymentStateOf(question, memory),
        knowledgeOf(question, memory),
      ]);
      details.set(id, {
        status: state.status === 'fulfilled' ? statusInWords(state.value.status) : undefined,
        kind: knowledge.status === 'fulfilled' ? kindOf(knowledge.value) : undefined,
      });
      // The rest would be refused as well, and makes everything else wait.
      if ([state, knowledge].some(isRateLimit)) left.length = 0;
    }
  };
  const asked = Promise.all(Array.from({ length: AT_ONCE }, askInTurn));
  const enough = new AbortController();
  await Promise.race([asked, time.wait(PATIENCE_MS, enough.signal)]);
  enough.abort();
  return details;
}

function isRateLimit(result: PromiseSettledResult<unknown>): boolean {
  return (
    result.status === 'rejected' &&
    result.reason instanceof BasetenError &&
    result.reason.status === 429
  );
}
