// Decisions: docs/decisions.md, "200 means that the result is recorded".

import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { quoted } from '../quoted';
import {
  hasMetadata,
  isMetadataSigned,
  readMetadata,
  type MetadataArrival,
  type ReceivedMetadata,
} from './metadata';
import { readSecretsAgain, readSharedSecrets } from './secrets';
import { logSeldom } from './seldom';
import {
  isSigned,
  ownerOf,
  refusalStatus,
  verifyDelivery,
  type AsyncResult,
  type Verdict,
} from './verify';

/** The part of an HTTP response that is needed to send it and to see that it was sent. */
export interface HttpReply {
  statusCode: number;
  headersSent: boolean;
  status(code: number): { json(body: unknown): unknown };
  end: (...args: never[]) => unknown;
}

/** What was posted to a webhook of ours, as it came. Nothing of it is verified yet. */
interface Delivery extends MetadataArrival {
  /** Raw bytes, which are what Baseten signs; none if n8n kept none. */
  body: Buffer;
  /** Value of `X-BASETEN-SIGNATURE`. */
  signature: unknown;
}

/** A delivery that is Baseten's. */
export interface Accepted extends ReceivedMetadata {
  result: AsyncResult;
  /** Bytes of the body. */
  bytes: number;
}

/** What the secrets say about a delivery, or that there is none to ask. */
type Judgment = Accepted | Extract<Verdict, { ok: false }> | 'no secret';

/** A delivery that is Baseten's, or, of one that was refused, what n8n is to do about it. */
export type Reception = Accepted | { refused: IWebhookResponseData };

/** Which deliveries are taken. */
export interface ReceptionSettings {
  /** Without it, an unsigned delivery is taken, too. */
  verifySignature: boolean;
  /** Seconds that a delivery may be old; 0 = any age. */
  tolerance: number;
}

/** Tells n8n that the response is sent, or will be, without its help. */
export const REPLY_IS_OURS: IWebhookResponseData = { noWebhookResponse: true };

/**
 * Reads what was posted to a webhook of ours, fetches the webhook secrets of the node's credential,
 * and verifies the one with the other. A delivery that is not Baseten's is refused at once. One
 * that is signed but can't be used is put off, so that Baseten delivers again. The log says which
 * check failed, without the secret, the signature or the body.
 * @throws what n8n throws if the credential cannot be read
 * @see https://docs.baseten.co/inference/async#secure-webhooks
 */
export async function receiveDelivery(
  context: IWebhookFunctions,
  settings: ReceptionSettings,
): Promise<Reception> {
  const delivery = readDelivery(context);
  const secrets = await readSharedSecrets(context, (known) => isSignedBy(known, delivery));
  const judgment = judge(delivery, secrets, settings);
  if (!otherSecretsMayHelp(judgment)) return toReception(context, judgment, settings);
  const again = readSecretsAgain(context).then((others) => judge(delivery, others, settings));
  if (!isAccepted(judgment)) return toReception(context, await again, settings);
  // It is genuine already. Other secrets, or none, can only verify its metadata.
  const better = await again.catch(() => judgment);
  return isAccepted(better) ? better : judgment;
}

function readDelivery(context: IWebhookFunctions): Delivery {
  const request = context.getRequestObject() as {
    rawBody?: unknown;
    headers: Record<string, unknown>;
    query?: Record<string, unknown>;
    originalUrl?: string;
  };
  return {
    body: Buffer.isBuffer(request.rawBody) ? request.rawBody : Buffer.alloc(0),
    signature: request.headers['x-baseten-signature'],
    query: request.query ?? {},
    path: (request.originalUrl ?? '').replace(/\?.*/s, ''),
  };
}

function judge(
  delivery: Delivery,
  secrets: string[],
  { verifySignature, tolerance }: ReceptionSettings,
): Judgment {
  if (verifySignature && secrets.length === 0) return 'no secret';
  const { body, signature } = delivery;
  const now = Date.now();
  const verdict = verifyDelivery(body, signature, {
    secrets: verifySignature ? secrets : [],
    tolerance,
    now,
  });
  if (!verdict.ok) return verdict;
  const { result } = verdict;
  const metadata = readMetadata(delivery, { secrets, owner: ownerOf(result), now });
  return { result, ...metadata, bytes: body.length };
}

/** Whether a secret that was entered a moment ago could change the judgment. */
function otherSecretsMayHelp(judgment: Judgment): boolean {
  if (judgment === 'no secret') return false;
  return isAccepted(judgment)
    ? judgment.unverified !== undefined
    : judgment.check === 'signature wrong';
}

function isAccepted(judgment: Judgment): judgment is Accepted {
  return judgment !== 'no secret' && 'result' in judgment;
}

/** Whether a delivery and its metadata are signed with any of the secrets. */
function isSignedBy(secrets: string[], delivery: Delivery): boolean {
  const { body, signature } = delivery;
  return (
    typeof signature === 'string' &&
    isSigned(body, signature, secrets) &&
    (!hasMetadata(delivery) || isMetadataSigned(delivery, secrets))
  );
}

function toReception(
  context: IWebhookFunctions,
  judgment: Judgment,
  settings: ReceptionSettings,
): Reception {
  if (isAccepted(judgment)) return judgment;
  if (judgment === 'no secret') {
    logSeldom(
      context,
      'error',
      judgment,
      'the credential has no webhook secret, so a delivery was put off',
    );
    return {
      refused: refuse(context, 503, 'There is no webhook secret to verify deliveries with.'),
    };
  }
  const { check, secondsOff, requestId } = judgment;
  const status = refusalStatus(check, settings.verifySignature);
  const outcome = status === 503 ? 'put off' : 'refused';
  const reason = secondsOff === undefined ? check : explainTime(secondsOff, settings.tolerance);
  const what =
    requestId === undefined ? 'a delivery' : `the result of request ${quoted(requestId)}`;
  const message = `${what} was ${outcome}: ${reason}`;
  // Anybody can cause these.
  const isAnybodys = status === 401 || !settings.verifySignature;
  if (isAnybodys) logSeldom(context, 'warn', check, message);
  else context.logger.warn(`${context.getNode().name}: ${message}`);
  return { refused: refuse(context, status, `Delivery ${outcome}: ${check}.`) };
}

function explainTime(secondsOff: number, tolerance: number): string {
  const sign = secondsOff > 0 ? '+' : '';
  return (
    `its time is ${sign}${secondsOff} s from the clock of this machine, more than Timestamp Tolerance (${tolerance} s). ` +
    'If that happens to every delivery, the clock of this machine is wrong'
  );
}

/**
 * Refuses a delivery because something failed on this side. Its status is 500, so Baseten delivers
 * again. The log says what failed, the response does not.
 */
export function refuseForNow(context: IWebhookFunctions, error: unknown): IWebhookResponseData {
  const message = error instanceof Error ? error.message : String(error);
  logSeldom(context, 'error', 'failed', `a delivery could not be received: ${message}`);
  return refuse(context, 500, 'The delivery could not be received. Please deliver again.');
}

/**
 * Accepts a genuine delivery with status 200, but starts nothing.
 * @param note tells the sender why
 */
export function acceptOnly(note: string): IWebhookResponseData {
  return { webhookResponse: { received: true, note } };
}

function refuse(context: IWebhookFunctions, status: number, message: string): IWebhookResponseData {
  const reply = context.getResponseObject() as unknown as HttpReply;
  if (!reply.headersSent) reply.status(status).json({ message });
  return REPLY_IS_OURS;
}
