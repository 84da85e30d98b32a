/**
 * What Baseten posts to a webhook when an async request has ended.
 * @see https://docs.baseten.co/inference/async
 */
export interface AsyncPayload {
  request_id: string;
  model_id: string;
  deployment_id: string;
  type: string;
  /** When it was sent, in ISO 8601. */
  time: string;
  /** What the model gave. */
  data: unknown;
  errors: unknown[];
}

/**
 * Builds a payload, sent now.
 * @param fields take the place of what stands there by default; `undefined` leaves a field out
 */
export function asyncPayload(fields: object = {}): AsyncPayload {
  return {
    request_id: 'req-1',
    model_id: 'abcd1234',
    deployment_id: 'dep-1',
    type: 'async_request_completed',
    time: new Date().toISOString(),
    data: { output: 'ok' },
    errors: [],
    ...fields,
  };
}

/**
 * Builds what a Frontier Gateway posts of its usage: an event for each key.
 * @param keys the idempotency keys; `undefined` leaves one out
 */
export function billingPayload(...keys: Array<string | undefined>) {
  return {
    type: 'API_BILLING_USAGE',
    data: {
      events: keys.map((idempotencyKey) => ({
        idempotencyKey,
        modelSlug: 'acme/chat',
        tokens: { inputTokens: 12, outputTokens: 3 },
      })),
    },
  };
}
