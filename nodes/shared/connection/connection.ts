import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { BASETEN_ENDPOINTS, type Endpoints } from './endpoints';
import { UserInputError } from '../errors/userInputError';
import { isLoopback } from '../webhook/url';

/** What a credential gives a node: the key and where Baseten is. */
export interface Connection {
  apiKey: string;
  /** Webhook signing secrets; several while one is being rotated. */
  webhookSecrets: string[];
  endpoints: Endpoints;
  /** `n8n` sends everything through n8n's own HTTP client, which knows its proxy. */
  client: 'auto' | 'n8n';
}

/** What to do where the credential has no webhook secret. */
export const WEBHOOK_SECRET_HINT =
  'Create one in Baseten under Settings → Webhook secrets and enter it as Webhook Secret in the credential. ' +
  'If its form has no such field, another package for Baseten brings a form of its own: remove that package.';

/** Reads a `basetenApi` credential. Fields that older credentials lack get their defaults. */
export function toConnection(credential: ICredentialDataDecryptedObject): Connection {
  const custom = credential.endpoints === 'custom' ? credential : {};
  return {
    apiKey: text(credential.apiKey),
    webhookSecrets: text(credential.webhookSecret)
      .split(',')
      .map((secret) => secret.trim())
      .filter((secret) => secret !== ''),
    endpoints: {
      deploymentUrl: text(custom.deploymentUrl) || BASETEN_ENDPOINTS.deploymentUrl,
      modelApiUrl: text(custom.modelApiUrl) || BASETEN_ENDPOINTS.modelApiUrl,
      managementUrl: text(custom.managementUrl) || BASETEN_ENDPOINTS.managementUrl,
    },
    client: credential.connection === 'n8n' ? 'n8n' : 'auto',
  };
}

/** Like `toConnection`, for calls that need the key. @throws {UserInputError} where there is none */
export function toConnectionWithKey(credential: ICredentialDataDecryptedObject): Connection {
  const connection = toConnection(credential);
  if (connection.apiKey !== '') return connection;
  throw new UserInputError(
    'The credential has no API key',
    'Create one in Baseten’s settings and enter it.',
  );
}

/** Names, as the credential's form has them, of the URLs that send the key unencrypted to another machine. */
export function unprotectedUrls({
  deploymentUrl,
  modelApiUrl,
  managementUrl,
}: Endpoints): string[] {
  const named = {
    'Deployment URL': deploymentUrl,
    'Model API URL': modelApiUrl,
    'Management URL': managementUrl,
  };
  return Object.entries(named).flatMap(([name, url]) => (isUnprotected(url) ? [name] : []));
}

function isUnprotected(template: string): boolean {
  const url = template.replaceAll('{kind}', 'model').replaceAll('{id}', 'id');
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !isLoopback(hostname);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
