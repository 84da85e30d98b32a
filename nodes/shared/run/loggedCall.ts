import type { AINodeConnectionType, IDataObject, ISupplyDataFunctions } from 'n8n-workflow';

import type { Connection } from '../connection/connection';
import { toSubNodeError } from '../errors/nodeErrors';
import { withWakingHint } from '../management/wakingHint';

/**
 * Makes a call of a sub-node, and writes its input and its result or error to the execution's log.
 * n8n does so itself only for objects of LangChain's classes.
 * @param type what the sub-node is connected as
 * @param itemIndex position of the item whose parameters are read
 * @returns what the call returns
 * @throws {NodeApiError | NodeOperationError} what the call throws, as an error of the sub-node
 */
export async function loggedCall<Result extends unknown[]>(
  { context, itemIndex, type, connection }: SubNodeCall,
  input: IDataObject,
  call: () => Promise<Result>,
): Promise<Result> {
  const { index } = context.addInputData(type, [[{ json: input }]]);
  try {
    const result = await call();
    const response = result as IDataObject[];
    context.addOutputData(type, index, [[{ json: { response } }]]);
    return result;
  } catch (cause) {
    const told = await withWakingHint(cause, { context, itemIndex, connection });
    const error = toSubNodeError(context.getNode(), told, itemIndex);
    context.addOutputData(type, index, error);
    throw error;
  }
}

/** Whose call it is. */
interface SubNodeCall {
  context: ISupplyDataFunctions;
  itemIndex: number;
  type: AINodeConnectionType;
  connection: Connection;
}
