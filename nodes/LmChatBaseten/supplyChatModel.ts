import type { ISupplyDataFunctions, SupplyData } from 'n8n-workflow';
import type { OpenAiModel } from '@n8n/ai-node-sdk';

import { readChoiceOption } from '../shared/parameters/choice';
import { readItemOptions, readNumber } from '../shared/parameters/options';
import { REASONING_EFFORT } from '../shared/parameters/sampling';
import { readSource } from '../shared/parameters/source';
import { toConnectionWithKey } from '../shared/connection/connection';
import type { Endpoints } from '../shared/connection/endpoints';
import { toSubNodeError } from '../shared/errors/nodeErrors';
import { VERSION } from '../shared/version';
import { RANGES } from './properties';
import { allowRetry } from './retries';
import { loadSdk } from './sdk';

const RESPONSE_FORMAT = {
  name: 'responseFormat',
  label: 'Response Format',
  values: ['json_object', 'text'],
} as const;

/**
 * Makes the chat model that agents and chains call. n8n's AI SDK sees to tool calls, streaming and
 * the execution's log, as in n8n's own chat models.
 * @param itemIndex position of the item whose parameters are read
 * @param load loads the SDK
 * @throws {NodeOperationError} if this n8n lacks the SDK, or a parameter can't be used
 */
export async function supplyChatModel(
  context: ISupplyDataFunctions,
  itemIndex: number,
  load = loadSdk,
): Promise<SupplyData> {
  try {
    const { supplyModel } = await load();
    const { apiKey, endpoints } = toConnectionWithKey(
      await context.getCredentials('basetenWorkspaceApi'),
    );
    return supplyModel(context, { apiKey, ...readModel(context, itemIndex, endpoints) });
  } catch (error) {
    throw toSubNodeError(context.getNode(), error, itemIndex);
  }
}

/** Reads everything but the key. Options that are not set stay undefined, so they are not sent. */
function readModel(
  context: ISupplyDataFunctions,
  itemIndex: number,
  endpoints: Endpoints,
): Omit<OpenAiModel, 'apiKey'> {
  const source = readSource(context, itemIndex, endpoints);
  const { timeout, maxRetries, own: options } = readItemOptions(context, itemIndex);
  const responseFormat = readChoiceOption(options, RESPONSE_FORMAT);
  const reasoningEffort = readChoiceOption(options, REASONING_EFFORT);
  const number = (name: keyof typeof RANGES, label: string) =>
    readNumber(options, { name, label, range: RANGES[name] });
  return {
    type: 'openai',
    baseUrl: source.openAiUrl(''),
    model: source.model,
    // Without this, some versions of the SDK's client send their own name.
    defaultHeaders: { 'User-Agent': `n8n-nodes-baseten/${VERSION}` },
    // Baseten has chat completions. For some model names the client would choose another API.
    useResponsesApi: false,
    temperature: number('temperature', 'Temperature'),
    maxTokens: number('maxTokens', 'Max Tokens'),
    topP: number('topP', 'Top P'),
    frequencyPenalty: number('frequencyPenalty', 'Frequency Penalty'),
    presencePenalty: number('presencePenalty', 'Presence Penalty'),
    additionalParams: {
      ...(responseFormat && { response_format: { type: responseFormat } }),
      ...(reasoningEffort && { reasoning_effort: reasoningEffort }),
    },
    timeout: timeout * 1000,
    maxRetries,
    ...(maxRetries > 0 && { onFailedAttempt: allowRetry }),
  };
}
