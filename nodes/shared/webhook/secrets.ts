import { sleep, type IWebhookFunctions } from 'n8n-workflow';

import { toConnection } from '../connection/connection';

type Context = Pick<IWebhookFunctions, 'getCredentials' | 'getNode'>;

/** Milliseconds that secrets which were read for one delivery serve the others of a burst. */
const FRESH_FOR = 2000;

/** Milliseconds that reading may take while others that were read not too long ago are at hand. */
const PATIENCE = 250;

/** Milliseconds that those may be old. */
const USABLE_FOR = 15 * 60_000;

/** Secrets as they were read last, by the ID of their credential. Nothing is kept of one without any. */
const known = new Map<string, { secrets: string[]; at: number }>();
const readings = new Map<string, Promise<string[]>>();

/** Webhook secrets of the node's credential; none where it has no credential. */
export async function readSecrets(context: Context): Promise<string[]> {
  const credential = context.getNode().credentials?.basetenApi;
  if (!credential) return [];
  const { webhookSecrets } = toConnection(await context.getCredentials('basetenApi'));
  if (credential.id && webhookSecrets.length > 0)
    known.set(credential.id, { secrets: webhookSecrets, at: Date.now() });
  return webhookSecrets;
}

/**
 * Like `readSecrets`, but read once for the deliveries of a burst: with n8n's default expression engine decrypting costs
 * 50 ms and more each time, and in a burst its turn comes after all requests that n8n has begun. Where that takes long
 * a delivery is taken by the secrets that were read before; without them the whole burst would be answered too late.
 * @param isSigned whether the delivery, and its metadata, is signed with these
 */
export async function readSharedSecrets(
  context: Context,
  isSigned: (secrets: string[]) => boolean,
): Promise<string[]> {
  const id = context.getNode().credentials?.basetenApi?.id;
  if (!id) return await readSecrets(context);
  const last = known.get(id);
  const age = Date.now() - (last?.at ?? -Infinity);
  if (last && age < FRESH_FOR) return last.secrets;
  const reading = readings.get(id) ?? startReading(id, context);
  if (!last || age >= USABLE_FOR || !isSigned(last.secrets)) return await reading;
  return await Promise.race([reading, sleep(PATIENCE).then(() => last.secrets)]);
}

function startReading(id: string, context: Context): Promise<string[]> {
  // What was known is forgotten where there is nothing any more, or nothing that can be read.
  const forget = () => known.delete(id);
  const reading = readSecrets(context).finally(() => readings.delete(id));
  reading.then((secrets) => secrets.length === 0 && forget(), forget);
  readings.set(id, reading);
  return reading;
}
