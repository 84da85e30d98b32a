// Decisions: docs/decisions.md, "The webhook secret is read once for a burst".

import { sleep, type IWebhookFunctions } from 'n8n-workflow';

import { toConnection } from '../connection/connection';

type Context = Pick<IWebhookFunctions, 'getCredentials' | 'getNode'>;

/** Milliseconds that secrets, once read for one delivery, serve the others of its burst. */
const FRESH_FOR = 2000;

/**
 * Milliseconds that reading may take before a delivery is verified with the secrets known so far.
 */
const PATIENCE = 250;

/** Milliseconds that those may be old. */
const USABLE_FOR = 15 * 60_000;

/**
 * The secrets that were read last, by the ID of their credential. A credential without any is not
 * kept.
 */
const known = new Map<string, { secrets: string[]; at: number }>();

/** Readings that have not ended, by the ID of their credential. */
const readings = new Map<string, Promise<string[]>>();

/**
 * Reads the webhook secrets of the node's credential.
 * @returns the secrets; none if the node has no credential, or the credential has no secret
 * @throws what n8n throws if the credential cannot be read
 */
export async function readSecrets(context: Context): Promise<string[]> {
  const credential = context.getNode().credentials?.basetenWorkspaceApi;
  if (!credential) return [];
  const { webhookSecrets } = toConnection(await context.getCredentials('basetenWorkspaceApi'));
  if (credential.id && webhookSecrets.length > 0)
    known.set(credential.id, { secrets: webhookSecrets, at: Date.now() });
  return webhookSecrets;
}

/**
 * Like `readSecrets`, but the deliveries of a burst share one reading. With n8n's default
 * expression engine, decrypting a credential takes 50 ms of CPU and more, and in a burst it ends
 * only after all requests that n8n has begun. If it takes too long, a delivery is verified with the
 * secrets that were read before. Without this, Baseten would have given up on the whole burst.
 * @param isSignedBy whether the delivery and its metadata are signed with one of these secrets
 * @throws what n8n throws if the credential cannot be read
 */
export async function readSharedSecrets(
  context: Context,
  isSignedBy: (secrets: string[]) => boolean,
): Promise<string[]> {
  const id = context.getNode().credentials?.basetenWorkspaceApi?.id;
  if (!id) return await readSecrets(context);
  const last = known.get(id);
  const age = Date.now() - (last?.at ?? -Infinity);
  if (last && age < FRESH_FOR) return last.secrets;
  const reading = readings.get(id) ?? startReading(id, context);
  if (!last || age >= USABLE_FOR || !isSignedBy(last.secrets)) return await reading;
  return await Promise.race([reading, sleep(PATIENCE).then(() => last.secrets)]);
}

function startReading(id: string, context: Context): Promise<string[]> {
  // A credential that has no secret any more, or cannot be read any more, is forgotten.
  const forget = () => known.delete(id);
  const reading = readSecrets(context).finally(() => readings.delete(id));
  reading.then((secrets) => secrets.length === 0 && forget(), forget);
  readings.set(id, reading);
  return reading;
}
