// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { openMessage, MESSAGE_HEADER, type ToKeeper } from '../shared/waiting/messages';
import { noteOwnAddress, type Arrival } from '../shared/waiting/post';
import { NAMES } from '../shared/waiting/workflow';
import { refuseForNow } from '../shared/webhook/delivery';
import { hear, replyOf, UNSTARTED, type View } from './asleep';

/** Its place in the context of the step "work". It is text, so that an expression can read it. */
export const VIEW = 'view';

/** The item that the keeper wakes with. */
export interface Woken {
  /** Results as JSON texts, by the position of their item. */
  results?: Record<string, string>;
  /** It is to end, but not here. */
  ends?: boolean;
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
    const { name } = context.getNode();
    const known = readView(context);
    const view: View = name === NAMES.last ? { ...known, phase: 'done' } : known;
    const move = hear(view, message);
    const webhookResponse = replyOf(view);
    if (move === 'tell') return { webhookResponse };
    // Then it ends at once, and n8n has nothing to hand to anybody.
    if (move === 'end' && sleepsForTheFirstTime(name, view))
      return { webhookResponse, workflowData: [] };
    const woken: Woken = move === 'end' ? { ends: true } : wokenBy(message);
    return { webhookResponse, workflowData: [[{ json: { ...woken } }]] };
  } catch (error) {
    return refuseForNow(context, error);
  }
}

/**
 * Whether the node in which the keeper sleeps has not woken before. The last one has only if n8n
 * was killed while the keeper slept there, which takes a quarter of a second: that is let pass.
 */
function sleepsForTheFirstTime(name: string, { turn }: View): boolean {
  return name === NAMES.last || turn === (name === NAMES.sleep ? 0 : 1);
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
