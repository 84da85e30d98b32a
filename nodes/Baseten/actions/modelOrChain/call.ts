import type { INodeExecutionData } from 'n8n-workflow';

import type { BasetenRequest } from '../../../shared/http/client';
import type { OwnerKind } from '../../../shared/connection/endpoints';
import { actionUrl, nameOf } from '../../../shared/connection/endpoints';
import { closeBody, jsonBody, type Body } from '../../../shared/payload/requestBody';
import { isLargeFile, toItem } from '../../../shared/payload/responseItem';
import type { ItemCall, Operation } from '../operation';
import { addressing, readOwner, readTarget } from '../../../shared/parameters/addressing';
import { inputParameters, readBody, readJsonInput } from '../parameters/input';
import { HEDGE_AFTER, optionsCollection } from '../../../shared/parameters/options';
import { outputParameters, readOutputSettings } from '../parameters/output';

/**
 * The synchronous call that models and chains have in common; a chain takes JSON only.
 * @see https://docs.baseten.co/reference/inference-api/predict-endpoints/environments-predict
 * @see https://docs.baseten.co/reference/inference-api/predict-endpoints/environments-run-remote
 */
export function callOperation(
  kind: OwnerKind,
  words: Pick<Operation, 'name' | 'value' | 'action' | 'description'>,
): Operation {
  const isModel = kind === 'model';
  return {
    ...words,
    mayHedge: isModel,
    properties: [
      ...addressing(kind),
      ...inputParameters({ bytes: isModel, initial: '{}' }),
      ...outputParameters,
      optionsCollection(isModel ? [HEDGE_AFTER] : []),
    ],
    async execute(call) {
      const { context, itemIndex, connection } = call;
      const owner = readOwner(context, kind, itemIndex);
      const url = actionUrl(
        connection.endpoints,
        owner,
        readTarget(context, itemIndex),
        isModel ? 'predict' : 'run_remote',
      );
      const body = isModel
        ? await readBody(context, itemIndex)
        : jsonBody(await readJsonInput(context, itemIndex));
      return await exchange(call, { method: 'POST', url, subject: nameOf(owner) }, body);
    },
  };
}

/**
 * Sends a body and makes an item of the answer, the way that the output parameters tell.
 * @param body closed at the end
 * @throws {BasetenError} what went wrong, or where the answer is not what was asked for
 */
export async function exchange(
  { context, itemIndex, stream }: ItemCall,
  request: Pick<BasetenRequest, 'method' | 'url' | 'subject'>,
  body: Body | undefined,
): Promise<INodeExecutionData[]> {
  try {
    const settings = readOutputSettings(context, itemIndex);
    const answer = await stream(
      { ...request, body: body?.content, contentType: body?.contentType },
      (head) => isLargeFile(head, settings.format),
    );
    return [await toItem(answer, settings, context.helpers, request.subject)];
  } finally {
    closeBody(body);
  }
}
