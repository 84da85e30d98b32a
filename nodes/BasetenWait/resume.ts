// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { openMessage, MESSAGE_HEADER, type ToKeeper } from '../shared/waiting/messages';
import { noteOwnAddress, type Arrival } from '../shared/waiting/post';
import { NAMES } from '../shared/waiting/workflow';
import { refuseForNow } from '../shared/webhook/delivery';
import { hear, replyOf, UNSTARTED, type View } from './asleep';

/** Its place in the context of the step "work". It is text, so that an expression can read it. */
export const VIEW = 'view';

/** The item that the keeper wakes with: results as JSON texts, by the position of their item. */
export interface Woken {
  results?: Record<string, string>;
}

/**
 * Takes what the parent says to a keeper that sleeps. It never throws: n8n would then lose what the
 * keeper knows.
 */
export async function resume(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  try {
    const request = context.getRequestObject() as unknown as Arrival & {
      rawBody?: unknown;
      headers: Record<string, unknown>;
    };
    noteOwnAddress(request);
    const secret = context.getNodeParameter('secret', '') as string;
    const signature = request.headers[MESSAGE_HEADER];
    const message = openMessage<ToKeeper>(request.rawBody, signature, secret || undefined);
    if (!message) return { webhookResponse: { message: 'This address is not for you.' } };
    const view = readView(context);
    const move = hear(view, message);
    const webhookResponse = replyOf(view);
    if (move === 'tell') return { webhookResponse };
    // With data n8n would wake the parent with it, or whatever waits there by then.
    if (move === 'end') return { webhookResponse, workflowData: [] };
    return { webhookResponse, workflowData: [[{ json: { ...wokenBy(message) } }]] };
  } catch (error) {
    return refuseForNow(context, error);
  }
}

/** Text is stored once, however often it is passed on. */
function wokenBy(message: ToKeeper): Woken {
  if (message.kind !== 'keep') return {};
  const results = Object.entries(message.results);
  return {
    results: Object.fromEntries(results.map(([item, result]) => [item, JSON.stringify(result)])),
  };
}

function readView(context: IWebhookFunctions): View {
  const text = context.evaluateExpression(`{{ $node["${NAMES.work}"].context["${VIEW}"] }}`);
  return typeof text === 'string' ? (JSON.parse(text) as View) : UNSTARTED;
}
