import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { toConnectionWithKey } from '../../shared/connection/connection';
import { toNodeError } from '../../shared/errors/nodeErrors';
import { createClient } from '../../shared/http/client';
import { RunFlow } from '../../shared/http/flow/runFlow';
import { readRunOptions } from '../../shared/parameters/options';
import { ReadingNotes } from '../../shared/payload/notes';
import { failedItem, runItems } from '../../shared/run/items';
import { batchedItems } from './batchedItems';
import { addHints } from './hints';
import type { NodeRun } from './operation';
import { findOperation } from './resources';
import { singleItems } from './singleItems';
import { isToolCall, withFilesTold } from './toolCall';

/**
 * Runs the operation that the node is set to over all items.
 * @returns the items of the node's output
 * @throws what n8n shows, if the execution was stopped or On Error says so
 */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  try {
    const operation = findOperation(context);
    const connection = toConnectionWithKey(await context.getCredentials('basetenWorkspaceApi'));
    const client = createClient(context, connection);
    const notes = new ReadingNotes();
    const options = readRunOptions(context);
    const isBatched = 'executeBatch' in operation;
    // Texts that stream out at the same time would be mixed up.
    const oneByOne = !isBatched && operation.streams?.(context) === true;
    const flow = new RunFlow(oneByOne ? { ...options, maxConcurrency: 1 } : options);
    const run: NodeRun = { context, connection, client, options, flow, notes };
    const whole = 'executeRun' in operation ? await operation.executeRun?.(run) : undefined;
    if (whole) return [whole];
    const work = isBatched ? batchedItems(operation, run) : singleItems(operation, run);
    const made = await runItems({ context, flow, work });
    const items = isBatched ? made : (operation.finish?.(made) ?? made);
    addHints(context, items, { endpoints: connection.endpoints, notes, flow });
    return [isToolCall(context) ? withFilesTold(items) : items];
  } catch (error) {
    const isStopped = context.getExecutionCancelSignal?.()?.aborted === true;
    if (isStopped || !context.continueOnFail()) throw toNodeError(context.getNode(), error, 0);
    // What is thrown here fails all items. n8n would let the input leave by the output for
    // successes.
    return [context.getInputData().map((_, itemIndex) => failedItem(context, itemIndex, error))];
  }
}
