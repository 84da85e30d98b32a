// Decisions: docs/decisions.md, "200 means that the result is recorded".

import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { isMetadataGenuine, readMetadata, type Metadata } from './metadata';
import { readSharedSecrets } from './secrets';
import { isSigned, refusalStatus, verifyDelivery, type AsyncResult } from './verify';

/** The part of an HTTP response that is needed to send it and to see that it was sent. */
export interface HttpReply {
  statusCode: number;
  headersSent: boolean;
  status(code: number): { json(body: unknown): unknown };
  end: (...args: never[]) => unknown;
}

/** What was posted to a webhook of ours, as it came. Nothing of it is verified yet. */
interface Delivery {
  /** Raw bytes, which are what Baseten signs; none if n8n kept none. */
  body: Buffer;
  /** Value of `X-BASETEN-SIGNATURE`. */
  signature: unknown;
  /** Query of the address that it was posted to. It can carry metadata. */
  query: Record<string, unknown>;
}

/** A delivery that is Baseten's. */
export interface Accepted {
  result: AsyncResult;
  /** `undefined` if it was changed on the way, or none of the secrets signed it. */
  metadata: Metadata | undefined;
  /** Bytes of the body. */
  bytes: number;
}

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
 * and verifies the one with the other. A delivery that is not Baseten's is refused at once. The log
 * says which check failed, without the secret, the signature or the body.
 * @throws what n8n throws if the credential cannot be read
 * @see https://docs.baseten.co/inference/async#secure-webhooks
 */
export async function receiveDelivery(
  context: IWebhookFunctions,
  { verifySignature, tolerance }: ReceptionSettings,
): Promise<Reception> {
  const delivery = readDelivery(context);
  const secrets = await readSharedSecrets(context, (known) => isSignedBy(known, delivery));
  const { name } = context.getNode();
  if (verifySignature && secrets.length === 0) {
    context.logger.error(
      `${name}: the credential has no webhook secret, so a delivery was refused`,
    );
    return {
      refused: refuse(context, 503, 'There is no webhook secret to verify deliveries with.'),
    };
  }
  const { body, signature, query } = delivery;
  const verdict = verifyDelivery(body, signature, {
    secrets: verifySignature ? secrets : [],
    tolerance,
    now: Date.now(),
  });
  if (verdict.ok) {
    const metadata = readMetadata(query, secrets);
    return { result: verdict.result, metadata, bytes: body.length };
  }
  const { check } = verdict;
  context.logger.warn(`${name}: a delivery was refused: ${check}`);
  return { refused: refuse(context, refusalStatus(check), `Delivery refused: ${check}.`) };
}

function readDelivery(context: IWebhookFunctions): Delivery {
  const { rawBody, headers, query } = context.getRequestObject() as {
    rawBody?: unknown;
    headers: Record<string, unknown>;
    query?: Record<string, unknown>;
  };
  return {
    body: Buffer.isBuffer(rawBody) ? rawBody : Buffer.alloc(0),
    signature: headers['x-baseten-signature'],
    query: query ?? {},
  };
}

/** Whether a delivery and its metadata are signed with any of the secrets. */
function isSignedBy(secrets: string[], { body, signature, query }: Delivery): boolean {
  return (
    typeof signature === 'string' &&
    isSigned(body, signature, secrets) &&
    isMetadataGenuine(query, secrets)
  );
}

/**
 * Refuses a delivery because something failed on this side. Its status is 500, so Baseten delivers
 * again. The log says what failed, the response does not.
 */
export function refuseForNow(context: IWebhookFunctions, error: unknown): IWebhookResponseData {
  const message = error instanceof Error ? error.message : String(error);
  context.logger.error(`${context.getNode().name}: a delivery could not be received: ${message}`);
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
