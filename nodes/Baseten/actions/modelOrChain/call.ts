import { actionUrl, nameOf, type OwnerKind } from '../../../shared/connection/endpoints';
import { addressing, readOwner, readTarget } from '../../../shared/parameters/addressing';
import { kindNotices } from '../../../shared/parameters/kindNotices';
import { HEDGE_AFTER, optionsCollection } from '../../../shared/parameters/options';
import type { Operation } from '../operation';
import { readBody, readInputMode } from '../parameters/input';
import { BODY_MODES, JSON_MODES, withModelFields } from '../parameters/inputModes';
import { inputParameters } from '../parameters/inputParameters';
import { OUTPUT_FORMAT_PARAMETER, OUTPUT_OPTIONS } from '../parameters/output';
import { withExampleInput } from './exampleInput';
import { exchange } from './exchange';
import { LOGS_ON_ERROR, withLogs } from './logsOnError';

/**
 * The call that waits for its response, for models and chains. A chain takes JSON only.
 * @param kind what is called
 * @param form how the operation is named on screen and in workflows
 * @see https://docs.baseten.co/reference/inference-api/predict-endpoints/environments-predict
 * @see https://docs.baseten.co/reference/inference-api/predict-endpoints/environments-run-remote
 */
export function callOperation(
  kind: OwnerKind,
  form: Pick<Operation, 'name' | 'value' | 'action' | 'description'>,
): Operation {
  const isModel = kind === 'model';
  const modes = isModel ? withModelFields(BODY_MODES) : JSON_MODES;
  return {
    ...form,
    mayHedge: isModel,
    // Baseten has no route that wakes a chain.
    ...(isModel && { callsDeployment: true }),
    properties: [
      ...addressing(kind),
      ...(isModel ? kindNotices() : []),
      ...inputParameters({ modes, initial: '{}' }),
      OUTPUT_FORMAT_PARAMETER,
      optionsCollection([...OUTPUT_OPTIONS, LOGS_ON_ERROR, ...(isModel ? [HEDGE_AFTER] : [])]),
    ],
    async execute(call) {
      const { context, itemIndex, connection } = call;
      const owner = readOwner(context, kind, itemIndex);
      const target = readTarget(context, itemIndex);
      const action = isModel ? 'predict' : 'run_remote';
      const url = actionUrl(connection.endpoints, owner, target, action);
      const body = await readBody(context, itemIndex, modes);
      try {
        return await exchange(call, { method: 'POST', url, body, subject: nameOf(owner) });
      } catch (error) {
        const mode = readInputMode(context, itemIndex, modes);
        const failed = await withExampleInput(error, { call, owner, target, mode });
        throw await withLogs(failed, { call, owner, target });
      }
    },
  };
}
