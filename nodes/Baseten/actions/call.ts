import type { OwnerKind } from '../../shared/endpoints';
import { actionUrl, nameOf } from '../../shared/endpoints';
import { jsonBody } from '../../shared/input';
import { toItem } from '../../shared/output';
import type { Operation } from './operation';
import { addressing, readOwner, readTarget } from './parameters/addressing';
import { inputParameters, readBody, readJsonInput } from './parameters/input';
import { HEDGE_AFTER, optionsCollection } from './parameters/options';
import { outputParameters, readOutputSettings } from './parameters/output';

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
    async execute({ context, itemIndex, connection, send }) {
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
      const subject = nameOf(owner);
      const response = await send({
        method: 'POST',
        url,
        body: body.content,
        contentType: body.contentType,
        subject,
      });
      return [await toItem(response, readOutputSettings(context, itemIndex), context.helpers, subject)];
    },
  };
}
