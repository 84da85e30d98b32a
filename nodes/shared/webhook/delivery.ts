import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { readMetadata, type Metadata } from './metadata';
import { isSigned, refusalStatus, verifyDelivery, type AsyncResult } from './verify';
import { readSharedSecrets } from './secrets';

/** The part of an HTTP response that is needed to answer it and to see it answered. */
export interface Answer {
  statusCode: number;
  headersSent: boolean;
  status(code: number): { json(body: unknown): unknown };
  end: (...args: never[]) => unknown;
}

/** A delivery that is Baseten's, or what n8n is to do about one that was answered here. */
export type Reception = { result: AsyncResult } | { answered: IWebhookResponseData };

/** Says to n8n that the request was answered. */
export const ANSWERED: IWebhookResponseData = { noWebhookResponse: true };

/**
 * Verifies what was posted to a webhook of ours, and turns away what is not Baseten's. The log says which check failed,
 * without the secret, the signature or the body.
 * @param secrets webhook secrets of the credential
 * @param tolerance seconds that a delivery may be old; 0 = any age
 */
export function receiveDelivery(
  context: IWebhookFunctions,
  {
    secrets,
    verifySignature,
    tolerance,
  }: { secrets: string[]; verifySignature: boolean; tolerance: number },
): Reception {
  const { name } = context.getNode();
  if (verifySignature && secrets.length === 0) {
    context.logger.error(
      `${name}: the credential has no webhook secret, so a delivery was turned away`,
    );
    return {
      answered: refuse(context, 503, 'There is no webhook secret to verify deliveries with.'),
    };
  }
  const { body, signature } = posted(context);
  const verdict = verifyDelivery(body, signature, {
    secrets: verifySignature ? secrets : [],
    tolerance,
    now: Date.now(),
  });
  if (verdict.ok) return { result: verdict.result };
  context.logger.warn(`${name}: a delivery was turned away: ${verdict.check}`);
  return {
    answered: refuse(context, refusalStatus(verdict.check), `Delivery refused: ${verdict.check}.`),
  };
}

/**
 * Webhook secrets to verify a delivery with, shared with the others of its burst.
 * @throws what reading the credential throws
 */
export async function readSecretsFor(context: IWebhookFunctions): Promise<string[]> {
  const { body, signature } = posted(context);
  return await readSharedSecrets(
    context,
    (secrets) =>
      typeof signature === 'string' &&
      isSigned(body, signature, secrets) &&
      metadataOf(context, secrets) !== undefined,
  );
}

/** The metadata in the address that was posted to; `undefined` where none of the secrets signs it. */
export function metadataOf(context: IWebhookFunctions, secrets: string[]): Metadata | undefined {
  return readMetadata((context.getRequestObject().query ?? {}) as IDataObject, secrets);
}

function posted(context: IWebhookFunctions): { body: Buffer; signature: unknown } {
  const { rawBody, headers } = context.getRequestObject() as {
    rawBody?: unknown;
    headers: Record<string, unknown>;
  };
  return {
    body: Buffer.isBuffer(rawBody) ? rawBody : Buffer.alloc(0),
    signature: headers['x-baseten-signature'],
  };
}

/** Answers a delivery that could not be received for a reason of this side, so that Baseten delivers it again. */
export function refuseForNow(context: IWebhookFunctions, error: unknown): IWebhookResponseData {
  const message = error instanceof Error ? error.message : String(error);
  context.logger.error(`${context.getNode().name}: a delivery could not be received: ${message}`);
  return refuse(context, 500, 'The delivery could not be received. Please deliver again.');
}

/** Answers a genuine delivery with 200 that starts nothing. @param note why */
export function acceptOnly(note: string): IWebhookResponseData {
  return { webhookResponse: { received: true, note } };
}

function refuse(context: IWebhookFunctions, status: number, message: string): IWebhookResponseData {
  const answer = context.getResponseObject() as unknown as Answer;
  if (!answer.headersSent) answer.status(status).json({ message });
  return ANSWERED;
}
