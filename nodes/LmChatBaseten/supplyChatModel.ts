// Decisions: docs/decisions.md, "The chat model calls through the client".

import type { ISupplyDataFunctions, SupplyData } from 'n8n-workflow';

import { toConnectionWithKey, type Connection } from '../shared/connection/connection';
import { toSubNodeError } from '../shared/errors/nodeErrors';
import { secretsOf } from '../shared/errors/redact';
import { createClient, type BasetenRequest } from '../shared/http/client';
import { named } from '../shared/knowledge/servedModel';
import { withWakeFirst } from '../shared/management/wakeFirst';
import { readChatOptions } from '../shared/parameters/chatOptions';
import { readItemOptions } from '../shared/parameters/options';
import { sessionHeaders } from '../shared/parameters/session';
import { readSource } from '../shared/parameters/source';
import { missingIn, tuned, type Adapter } from './adapter';
import { BasetenChatModel, type ModelSettings } from './chatModel';
import { memorySession } from './memorySession';
import { PROCESS_ANSWERS } from './conversation/pastAnswers';
import { loadSdk } from './sdk';

/**
 * Makes the chat model that agents and chains call. n8n's AI SDK makes it a model of LangChain; the
 * calls themselves go through the client.
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
    const { supplyModel, getParametersJsonSchema } = await load();
    const connection = toConnectionWithKey(await context.getCredentials('basetenWorkspaceApi'));
    const settings = await readSettings(context, itemIndex, connection);
    const model = new BasetenChatModel({ ...settings, schemaOf: getParametersJsonSchema });
    const supplied = supplyModel(context, model);
    const missing = missingIn(supplied.response);
    const { source, fields } = settings;
    if (missing.length > 0) tellMissing(context, missing);
    else tuned(supplied.response as Adapter, { model: source.model, fields });
    return supplied;
  } catch (error) {
    throw toSubNodeError(context.getNode(), error, itemIndex);
  }
}

async function readSettings(
  context: ISupplyDataFunctions,
  itemIndex: number,
  connection: Connection,
): Promise<Omit<ModelSettings, 'schemaOf'>> {
  const { own: options, ...send } = readItemOptions(context, itemIndex);
  const client = withWakeFirst(createClient(context, connection), {
    context,
    itemIndex,
    endpoints: connection.endpoints,
    options,
  });
  const signal = context.getExecutionCancelSignal?.();
  const asking = {
    connection,
    send: async (request: BasetenRequest) => await client.send(request, { ...send, signal }),
  };
  const source = await named(readSource(context, itemIndex, connection.endpoints), asking);
  const { fields, extra, session } = readChatOptions(options, source);
  const [apiKey = '', ...others] = secretsOf(connection);
  return {
    context,
    itemIndex,
    client,
    secrets: [apiKey, ...others],
    source,
    asking,
    url: source.openAiUrl('/chat/completions'),
    fields: { ...fields, ...extra },
    headers: sessionHeaders(session ?? memorySession(context, itemIndex)),
    send,
    past: PROCESS_ANSWERS,
  };
}

/** Without these parts of the SDK the model works by its contract alone, which has less. */
function tellMissing(context: ISupplyDataFunctions, missing: string[]): void {
  const message =
    `This n8n's AI SDK works differently than the Baseten Chat Model knows (no ${missing.join(', no ')}). ` +
    'So the model does not get images, its own reasoning and which tool it must call, ' +
    'and n8n estimates the tokens. Look for an update of the Baseten nodes.';
  context.addExecutionHints?.({ type: 'warning', location: 'outputPane', message });
  context.logger?.warn?.(message);
}
