import { NodeOperationError, type IHookFunctions } from 'n8n-workflow';

import { WEBHOOK_SECRET_HINT } from '../shared/connection/connection';
import { UserInputError } from '../shared/errors/userInputError';
import { readSecrets } from '../shared/webhook/secrets';
import { hostRecordsFirst } from './hostRecordsFirst';
import { readSettings, type Settings } from './settings';

/**
 * Activations that nobody watches. If the trigger refused to start there, results would be lost
 * until somebody notices.
 */
const UNATTENDED = ['init', 'leadershipChange'];

/**
 * Looks for what would lose results once the trigger is active. At a start of n8n it only writes
 * that into the log. It also reads the webhook secrets, so that they are known when a burst comes.
 * @throws {NodeOperationError} if somebody activates the workflow and results would be lost
 */
export async function refuseWhatLosesResults(context: IHookFunctions): Promise<void> {
  if (!UNATTENDED.includes(context.getActivationMode())) return await check(context);
  await check(context).catch((error: Error) =>
    context.logger.error(`${context.getNode().name}: ${error.message}`),
  );
}

async function check(context: IHookFunctions): Promise<void> {
  const refuse = (message: string, description: string) =>
    new NodeOperationError(context.getNode(), message, { description });
  if (!hostRecordsFirst()) {
    throw refuse(
      'Baseten Trigger needs n8n 2.8.0 or newer: an older n8n answers a delivery before it has recorded it, so results can be lost',
      'Update n8n.',
    );
  }
  const { verifySignature } = readOrRefuse(context, refuse);
  if (!verifySignature) return;
  if ((await readSecrets(context)).length > 0) return;
  throw refuse(
    'There is no webhook secret to verify deliveries with',
    `${WEBHOOK_SECRET_HINT} To take deliveries without verifying them, turn Verify Signature off.`,
  );
}

function readOrRefuse(
  context: IHookFunctions,
  refuse: (message: string, description: string) => Error,
): Settings {
  const onUnusable = (error: UserInputError) => {
    throw error;
  };
  try {
    return readSettings(context, onUnusable);
  } catch (error) {
    throw error instanceof UserInputError ? refuse(error.message, error.hint) : error;
  }
}
