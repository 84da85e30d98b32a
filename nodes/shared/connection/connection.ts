// Decisions: docs/decisions.md, "n8n's client sends what fetch can't".

import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { toChoice } from '../choice';
import { isBlank } from '../json';
import { parseUrl } from '../parseUrl';
import { BASETEN_ENDPOINTS, type Endpoints } from './endpoints';
import { checkHeaderValue } from './headerValue';
import { UserInputError } from '../errors/userInputError';
import { isLoopback } from '../webhook/url';

/** What a credential holds, ready for use. */
export interface Connection {
  /** The API key; empty if the credential has none. */
  apiKey: string;
  /** The key for the management API: one of its own if the credential has it, or the API key. */
  managementKey: string;
  /** Webhook signing secrets: more than one while a secret is being replaced. */
  webhookSecrets: string[];
  /** How keys are sent: those of a Frontier Gateway are accepted as `Api-Key` only. */
  keyScheme: 'Bearer' | 'Api-Key';
  /** Base URLs: Baseten's own, or custom ones. */
  endpoints: Endpoints;
  /** `n8n` sends everything through n8n's own HTTP client, which knows its proxy. */
  client: 'auto' | 'n8n';
}

/**
 * Fields that offer some values. Taken for another one, the key would go to another place, or in
 * another way.
 */
const CHOICES = {
  endpoints: { label: 'The credential’s Endpoints', values: ['baseten', 'custom'] },
  authorization: { label: 'The credential’s Key Type', values: ['bearer', 'apiKey'] },
  connection: { label: 'The credential’s Connection', values: ['auto', 'n8n'] },
};

/** What a key can't have: anything but what ASCII shows, and a space. */
const NOT_OF_KEYS = /[^!-~]/u;

/** What to do if the credential has no webhook secret. */
export const WEBHOOK_SECRET_HINT =
  'Create one in Baseten under Settings → Webhook secrets and enter it as Webhook Secret in the credential.';

/**
 * Reads a `basetenWorkspaceApi` credential.
 * @param credential as n8n decrypts it; fields that are missing, as in older credentials, get their
 * defaults
 */
export function toConnection(credential: ICredentialDataDecryptedObject): Connection {
  const custom = credential.endpoints === 'custom' ? credential : {};
  const apiKey = text(credential.apiKey);
  return {
    apiKey,
    managementKey: text(credential.managementApiKey) || apiKey,
    webhookSecrets: text(credential.webhookSecret)
      .split(',')
      .map((secret) => secret.trim())
      .filter((secret) => secret !== ''),
    keyScheme: custom.authorization === 'apiKey' ? 'Api-Key' : 'Bearer',
    endpoints: {
      deploymentUrl: text(custom.deploymentUrl) || BASETEN_ENDPOINTS.deploymentUrl,
      modelApiUrl: text(custom.modelApiUrl) || BASETEN_ENDPOINTS.modelApiUrl,
      managementUrl: text(custom.managementUrl) || BASETEN_ENDPOINTS.managementUrl,
    },
    client: credential.connection === 'n8n' ? 'n8n' : 'auto',
  };
}

/**
 * Like `toConnection`, for calls that need the key.
 * @throws {UserInputError} if the credential has no API key, or a key that no request can carry, or
 * if Endpoints, Key Type or Connection is none of its values
 */
export function toConnectionWithKey(credential: ICredentialDataDecryptedObject): Connection {
  const connection = toConnection(credential);
  if (connection.apiKey === '') {
    throw new UserInputError(
      'The credential has no API key',
      'Create one in Baseten’s settings and enter it.',
    );
  }
  checkKey(connection.apiKey, 'API key');
  checkKey(connection.managementKey, 'Management API Key');
  for (const [name, choice] of Object.entries(CHOICES)) {
    if (!isBlank(credential[name])) toChoice(credential[name], choice);
  }
  return connection;
}

/**
 * The `Authorization` header that carries a key.
 * @param key the API key, or the one for the management API
 * @see https://docs.baseten.co/organization/api-keys
 */
export function authorizationOf({ keyScheme }: Pick<Connection, 'keyScheme'>, key: string): string {
  return `${keyScheme} ${key}`;
}

function checkKey(key: string, label: string): void {
  checkHeaderValue(
    key,
    NOT_OF_KEYS,
    `The credential’s ${label}`,
    'A key has only letters, digits and signs such as the dot. ' +
      'Copy it again from Baseten, without anything around it, and enter it in the credential.',
  );
}

/**
 * Finds the URLs that send the key unencrypted to another machine.
 * @returns their names in the credential's form
 */
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
  const url = parseUrl(template.replaceAll('{kind}', 'model').replaceAll('{id}', 'id'));
  return url?.protocol === 'http:' && !isLoopback(url.hostname);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
