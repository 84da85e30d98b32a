import type {
  ICredentialsDecrypted,
  ICredentialTestFunctions,
  INodeCredentialTestResult,
} from 'n8n-workflow';

import { connectionFailure } from '../errors/basetenError';
import { secretsOf, withoutSecrets } from '../errors/redact';
import { UserInputError } from '../errors/userInputError';
import { authorizationOf, toConnectionWithKey, type Connection } from './connection';
import { managementUrl, modelApiUrl } from './endpoints';

/** Milliseconds for one request: a person waits for it. */
const TIMEOUT_MS = 20_000;
/** What every signing secret of Baseten begins with. */
const SECRET_PREFIX = 'whsec_';

/**
 * Tests a `basetenWorkspaceApi` credential, as n8n does when it is saved. A key that may not do
 * everything is a good key: only one that Baseten does not know fails.
 * @returns why it can't be used, or that it can; n8n shows no other words with a success
 * @see https://docs.baseten.co/organization/api-keys
 */
export async function basetenWorkspaceTest(
  this: ICredentialTestFunctions,
  credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
  const data = credential.data ?? {};
  try {
    const connection = toConnectionWithKey(data);
    checkSecrets(connection);
    const { apiKey, managementKey, endpoints } = connection;
    await tryKey(this, connection, {
      key: apiKey,
      label: 'API key',
      url: modelApiUrl(endpoints, '/models'),
    });
    if (managementKey !== apiKey) {
      await tryKey(this, connection, {
        key: managementKey,
        label: 'Management API Key',
        url: managementUrl(endpoints, 'users', 'me'),
      });
    }
    return { status: 'OK', message: 'The key works' };
  } catch (error) {
    const words =
      error instanceof UserInputError ? `${error.message}. ${error.hint}` : String(error);
    return { status: 'Error', message: words };
  }
}

function checkSecrets({ webhookSecrets }: Connection): void {
  if (webhookSecrets.every((secret) => secret.startsWith(SECRET_PREFIX))) return;
  throw new UserInputError(
    `A webhook secret does not begin with ${SECRET_PREFIX}`,
    'Copy it again from Baseten’s Settings → Webhook secrets, from its first character to its last. An API key is not a webhook secret.',
  );
}

/** @throws {UserInputError} if Baseten does not know the key, or can't be reached */
async function tryKey(
  { helpers }: ICredentialTestFunctions,
  connection: Connection,
  { key, label, url }: { key: string; label: string; url: string },
): Promise<void> {
  const { status, failure } = await statusOf(helpers, authorizationOf(connection, key), url);
  if (failure) {
    const { message, hint } = connectionFailure(failure, {
      host: new URL(url).host,
      subject: 'Baseten',
    });
    throw new UserInputError(withoutSecrets(message, secretsOf(connection)), hint);
  }
  if (status === 401) {
    throw new UserInputError(
      `Baseten refused this ${label}`,
      'Check that it is complete and not revoked.',
    );
  }
  if (status >= 500) {
    throw new UserInputError(
      `Baseten responded with status ${status}, so the ${label} could not be tested`,
      'Try again in a minute. With custom endpoints, check the URLs.',
    );
  }
}

async function statusOf(
  { request }: ICredentialTestFunctions['helpers'],
  authorization: string,
  uri: string,
): Promise<{ status: number; failure?: unknown }> {
  try {
    const { statusCode } = (await request({
      method: 'GET',
      uri,
      headers: { Authorization: authorization },
      timeout: TIMEOUT_MS,
      followRedirect: false,
      simple: false,
      resolveWithFullResponse: true,
    })) as { statusCode: number };
    return { status: statusCode };
  } catch (failure) {
    return { status: 0, failure };
  }
}
