import type { IWebhookFunctions } from 'n8n-workflow';

import {
  MESSAGE_HEADER,
  sealAddress,
  sealMessage,
  type ToKeeper,
  type ToParent,
} from '../../nodes/shared/waiting/messages';
import { webhookContext, type FakeReply, type WebhookSettings } from './webhookContext';

/** Seals what parent and keeper of these tests say to each other. */
export const WAIT_SECRET = 'a1'.repeat(32);
/** The wait of these tests. */
export const RUN = '0f1e2d3c4b5a6978';

/** What meets an execution that waits. */
export interface WaitSettings extends WebhookSettings {
  /** A message, sealed with `sealedWith`. Without one it is a delivery of Baseten's. */
  message?: ToKeeper | ToParent;
  sealedWith?: string;
  /** What its node noted: the value of every other expression. */
  noted?: unknown;
  /** The items that came into the node; reading them may throw. */
  inputs?: () => unknown;
  executionId?: string;
}

/** The query of a delivery for an item of a wait. */
export function addressQuery(item: number, run = RUN, secret = WAIT_SECRET) {
  const url = sealAddress(
    'https://n8n.example.com/webhook-waiting/17/baseten',
    { run, item },
    secret,
  );
  return Object.fromEntries(new URL(url).searchParams);
}

/** What n8n gives the webhook of an execution that waits, and what can be seen of it afterwards. */
export function waitContext({
  message,
  sealedWith = WAIT_SECRET,
  noted,
  inputs,
  executionId = '17',
  ...settings
}: WaitSettings): {
  context: IWebhookFunctions;
  reply: FakeReply;
  log: string[];
  /** n8n has answered with this status. */
  answered(status: number): void;
} {
  const seal = message && sealMessage(message, sealedWith);
  const { context, reply, log } = webhookContext({
    ...settings,
    ...(seal && { body: Buffer.from(seal.body), headers: { [MESSAGE_HEADER]: seal.signature } }),
  });
  Object.assign(context, {
    getExecutionId: () => executionId,
    evaluateExpression: (expression: string) =>
      inputs && expression.includes('$input') ? inputs() : noted,
  });
  const answered = (status: number) => reply.status(status).json({});
  return { context, reply, log, answered };
}
