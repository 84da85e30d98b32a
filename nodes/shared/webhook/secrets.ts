// Decisions: docs/decisions.md, "The webhook secret is read once for a burst".

import type { IWebhookFunctions } from 'n8n-workflow';

import { toConnection } from '../connection/connection';
import { realTime } from '../time';
import { logSeldom } from './seldom';

type Context = Pick<IWebhookFunctions, 'getCredentials' | 'getNode' | 'logger'>;

/** Milliseconds that secrets, once read for one delivery, serve the others of its burst. */
const FRESH_FOR = 2000;

/**
 * Milliseconds that reading may take before a delivery is verified with the secrets known so far.
 */
const PATIENCE = 250;

/** Milliseconds that those may be old. */
const USABLE_FOR = 15 * 60_000;

/**
 * Milliseconds between two readings out of turn. Whoever posts forgeries causes one each time, and
 * with n8n's default expression engine each costs 50 ms of CPU.
 */
const AGAIN_AFTER = 1000;

/**
 * The secrets that were read last, and when, on the clock that never goes back, by the ID of their
 * credential. A credential without any is not kept.
 */
const known = new Map<string, { secrets: string[]; at: number }>();

/**
 * Milliseconds after which a reading counts as failed: just before Baseten stops waiting for the
 * response to a delivery. One that never ends must not keep others from being tried.
 */
const GIVE_UP_AFTER = 9000;

/**
 * Readings that have not ended, and those that failed less than a second ago, by the ID of their
 * credential.
 */
const readings = new Map<string, Promise<string[]>>();

/** The last reading out of turn, and when it began, by the ID of the credential. */
const readingsAgain = new Map<string, { reading: Promise<string[]>; at: number }>();

/**
 * Reads the webhook secrets of the node's credential.
 * @returns the secrets; none if the node has no credential, or the credential has no secret
 * @throws what n8n throws if the credential cannot be read
 */
export async function readSecrets(context: Context): Promise<string[]> {
  const credential = context.getNode().credentials?.basetenWorkspaceApi;
  if (!credential) return [];
  const read = toConnection(await context.getCredentials('basetenWorkspaceApi'));
  const secrets = read.webhookSecrets;
  if (credential.id && secrets.length > 0)
    known.set(credential.id, { secrets, at: realTime.elapsed() });
  return secrets;
}

/**
 * Like `readSecrets`, but the deliveries of a burst share one reading. With n8n's default
 * expression engine, decrypting a credential takes 50 ms of CPU and more, and in a burst it ends
 * only after all requests that n8n has begun. If it takes too long or fails, a delivery is verified
 * with the secrets that were read before. Without this, Baseten would have given up on the whole
 * burst, and on every result while a vault of secrets is sealed.
 * @param isSignedBy whether the delivery and its metadata are signed with one of these secrets
 * @throws what n8n throws if the credential cannot be read
 */
export async function readSharedSecrets(
  context: Context,
  isSignedBy: (secrets: string[]) => boolean,
): Promise<string[]> {
  const id = idOfCredential(context);
  if (!id) return await readSecrets(context);
  const last = known.get(id);
  if (last && isYounger(last.at, FRESH_FOR)) return last.secrets;
  const reading = readings.get(id) ?? startReading(id, context);
  if (!last || !isYounger(last.at, USABLE_FOR) || !isSignedBy(last.secrets)) return await reading;
  const { secrets } = last;
  return await Promise.race([
    reading.catch(() => secrets),
    realTime.wait(PATIENCE).then(() => secrets),
  ]);
}

/**
 * Reads the secrets once more, because those that are known did not sign a delivery: a new one may
 * have been entered a moment ago. It does that once a second at most.
 * @returns the secrets; in between, those that are known by now
 * @throws what n8n throws if the credential cannot be read
 */
export async function readSecretsAgain(context: Context): Promise<string[]> {
  const id = idOfCredential(context);
  if (!id) return await readSecrets(context);
  const last = readingsAgain.get(id);
  // Whoever comes while it is read shares the reading; later it is what is known anyway.
  if (last && isYounger(last.at, AGAIN_AFTER)) return await last.reading;
  const reading = startReading(id, context);
  readingsAgain.set(id, { reading, at: realTime.elapsed() });
  return await reading;
}

function startReading(id: string, context: Context): Promise<string[]> {
  const ended = new AbortController();
  const reading = Promise.race([readSecrets(context), giveUp(ended.signal)]);
  readings.set(id, reading);
  const forget = () => {
    if (readings.get(id) === reading) readings.delete(id);
  };
  reading.then(
    (secrets) => {
      ended.abort();
      if (secrets.length === 0) known.delete(id);
      forget();
    },
    (error: Error) => {
      ended.abort();
      // What is known stays. Whoever watches the log has a quarter of an hour.
      if (known.has(id)) {
        logSeldom(
          context,
          'warn',
          'secret not read',
          `the webhook secret can't be read, so the one read before counts for up to 15 minutes: ${error.message}`,
        );
      }
      // Until then the others fail with it: to try again for each would take n8n's time.
      void realTime.wait(AGAIN_AFTER).then(forget);
    },
  );
  return reading;
}

async function giveUp(ended: AbortSignal): Promise<never> {
  await realTime.wait(GIVE_UP_AFTER, ended);
  throw new Error(`the credential was not read within ${GIVE_UP_AFTER / 1000} s`);
}

function idOfCredential(context: Context): string | undefined {
  return context.getNode().credentials?.basetenWorkspaceApi?.id ?? undefined;
}

/** Whether so many milliseconds have not passed since. The clock may be set meanwhile. */
function isYounger(at: number, milliseconds: number): boolean {
  return realTime.elapsed() - at < milliseconds;
}
