import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { askStatus, nameOfRequest, submitAsync, type Send } from '../shared/async/requests';
import { isFinished, type AsyncRequestStatus } from '../shared/async/status';
import { createClient } from '../shared/http/client';
import { toConnection } from '../shared/connection/connection';
import { nameOf, type Endpoints } from '../shared/connection/endpoints';
import { BasetenError, hidingSecrets, toNodeError } from '../shared/errors/basetenError';
import { secretsOf } from '../shared/errors/redact';
import { UserInputError } from '../shared/errors/userInputError';
import type { WaitJob } from '../shared/waiting/job';
import { isSuccess, toPayload, type AsyncResult } from '../shared/webhook/verify';
import { parseWebhookUrl } from '../shared/webhook/url';

/** Seconds until the status is asked, the first time and every time after; the last one stays. */
const LOOK_AFTER = [30, 60, 120, 240, 300];

/** What goes round between the steps while there is no result. */
interface Waiting {
  requestId: string;
  /** How often the input was submitted. */
  submissions: number;
  /** When to give up, in milliseconds since 1970. */
  waitUntil: number;
  /** How often the status was asked. */
  looks: number;
}

type Job = WaitJob & Partial<Pick<Waiting, 'submissions' | 'waitUntil'>>;

interface Tools {
  send: Send;
  endpoints: Endpoints;
  secrets: string[];
}

/** A look at a status while the result may still come. Until it is over n8n refuses the result, so it is short. */
const LOOK: Job['sendOptions'] = { timeout: 10, maxRetries: 0 };

/** Outputs of the settling step. */
const [SETTLED, WAIT_ON, SUBMIT_AGAIN] = [0, 1, 2];

/** Runs the step that the node is set to, on its one item. */
export async function runStep(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const [input] = context.getInputData();
  const json: unknown = input?.json ?? {};
  try {
    switch (context.getNodeParameter('step', 0)) {
      case 'wait':
        return await wait(context, json as Waiting);
      case 'settle': {
        const job = context.getNodeParameter('job', 0, {}) as unknown as Job;
        const woken = json as Waiting | { result: AsyncResult };
        const mayStillCome = 'waitUntil' in woken && Date.now() < woken.waitUntil;
        const using = mayStillCome
          ? await tools(context, LOOK, AbortSignal.timeout(LOOK.timeout * 1000))
          : await tools(context, job.sendOptions);
        const [output, item] = await hidingSecrets(
          using.secrets,
          async () => await settle(using, job, woken),
        );
        return [SETTLED, WAIT_ON, SUBMIT_AGAIN].map((index) =>
          index === output ? toItems(item) : [],
        );
      }
      default:
        return [
          toItems(
            await submit(context, await tools(context, (json as Job).sendOptions), json as Job),
          ),
        ];
    }
  } catch (error) {
    throw toNodeError(context.getNode(), error, 0);
  }
}

async function submit(
  context: IExecuteFunctions,
  { send, endpoints, secrets }: Tools,
  job: Job,
): Promise<Waiting> {
  const resumeUrl = parseResumeUrl(context.evaluateExpression('{{ $execution.resumeUrl }}', 0));
  const body = { ...job.body, webhook_endpoint: resumeUrl };
  return {
    requestId: await hidingSecrets(
      secrets,
      async () => await submitAsync(send, endpoints, { ...job, body }),
    ),
    submissions: (job.submissions ?? 0) + 1,
    waitUntil: job.waitUntil ?? Date.now() + job.waitTimeout * 1000,
    looks: 0,
  };
}

async function wait(context: IExecuteFunctions, waiting: Waiting): Promise<INodeExecutionData[][]> {
  const seconds = LOOK_AFTER[Math.min(waiting.looks, LOOK_AFTER.length - 1)] as number;
  await context.putExecutionToWait(
    new Date(Math.min(Date.now() + seconds * 1000, waiting.waitUntil)),
  );
  return [toItems(waiting)];
}

/** Decides how it goes on after waking: with the result, or, when a deadline passed without one, by the status. */
async function settle(
  { send, endpoints }: Tools,
  job: Job,
  woken: Waiting | { result: AsyncResult },
): Promise<[output: number, item: object]> {
  if ('result' in woken) return [SETTLED, resultItem(job, woken.result)];
  const subject = nameOfRequest(job.owner, woken.requestId);
  const status = await askStatus(send, endpoints, job.owner, woken.requestId).catch(
    (error: unknown) => {
      if (isPassing(error)) return undefined;
      throw error;
    },
  );
  if (status === undefined || !isFinished(status)) {
    if (Date.now() < woken.waitUntil) return [WAIT_ON, { ...woken, looks: woken.looks + 1 }];
    throw new UserInputError(
      `There was no result of ${subject} within ${job.waitTimeout} seconds`,
      `Its status is ${status?.status ?? 'unknown'}. Raise Wait Timeout, or look at the queue and the logs of the model in Baseten.`,
    );
  }
  if (status.status === 'EXPIRED' || status.status === 'CANCELED')
    throw ended(subject, status.status);
  if (status.status === 'FAILED') throw inferenceFailed(job, woken.requestId, status.errors ?? []);
  if (job.onLostResult === 'resubmit' && woken.submissions === 1 && Date.now() < woken.waitUntil) {
    return [SUBMIT_AGAIN, { ...job, submissions: woken.submissions, waitUntil: woken.waitUntil }];
  }
  throw lost(subject, status, woken.submissions);
}

function resultItem(job: Job, result: AsyncResult): object {
  if (!isSuccess(result)) throw inferenceFailed(job, result.request_id, result.errors);
  return toPayload(result, job.metadata);
}

/** A status that could not be had now may be had later: no reason to give up on the result. */
function isPassing(error: unknown): boolean {
  if ((error as Partial<Error> | undefined)?.name === 'TimeoutError') return true;
  return (
    error instanceof BasetenError &&
    (error.status === undefined || error.status === 429 || error.status >= 500)
  );
}

function parseResumeUrl(value: unknown): string {
  try {
    return parseWebhookUrl(value).toString();
  } catch {
    throw notReachable(value);
  }
}

function notReachable(value: unknown): UserInputError {
  const origin =
    typeof value === 'string' && URL.canParse(value) ? new URL(value).origin : String(value);
  return new UserInputError(
    `Baseten can't deliver to this n8n at ${origin}`,
    'Baseten delivers to https:// addresses only. Set n8n’s webhook URL (N8N_WEBHOOK_URL) to its public https address.',
  );
}

function inferenceFailed(
  { owner }: Job,
  requestId: string,
  errors: AsyncResult['errors'],
): UserInputError {
  const words = (Array.isArray(errors) ? errors : [errors])
    .map((error) =>
      error?.code && error.message ? `${error.code}: ${error.message}` : JSON.stringify(error),
    )
    .join(' · ');
  return new UserInputError(
    `The inference of ${nameOf(owner)} failed`,
    `${words || 'Baseten gave no reason'} · Request ID: ${requestId}`,
  );
}

function ended(subject: string, status: 'EXPIRED' | 'CANCELED'): UserInputError {
  return status === 'EXPIRED'
    ? new UserInputError(
        `${subject} expired in the queue before it started`,
        'Raise Max Time in Queue, or give the deployment more replicas in Baseten.',
      )
    : new UserInputError(
        `${subject} was canceled`,
        'Somebody took it out of the queue. Submit it again if that was a mistake.',
      );
}

function lost(
  subject: string,
  { status, webhook_status }: AsyncRequestStatus,
  submissions: number,
): UserInputError {
  const again = submissions > 1 ? ', also when it was submitted again' : '';
  return new UserInputError(
    `The result of ${subject} was lost: it ended, but did not reach this n8n${again}`,
    `Baseten delivers twice within seconds and keeps no outputs (status ${status}, webhook ${webhook_status}). n8n may have been down or ` +
      'not reachable. A model that answers within a second can also be faster than n8n can go to sleep: use Predict for it. ' +
      'Set On Lost Result to Submit Again to repeat such requests.',
  );
}

/** @param limit stops what is sent, and its turn after a rate limit, too */
async function tools(
  context: IExecuteFunctions,
  sendOptions: Job['sendOptions'],
  limit?: AbortSignal,
): Promise<Tools> {
  const connection = toConnection(await context.getCredentials('basetenApi'));
  const client = createClient(context, connection);
  const signals = [context.getExecutionCancelSignal(), limit].filter((each) => each !== undefined);
  const signal = AbortSignal.any(signals);
  return {
    endpoints: connection.endpoints,
    secrets: secretsOf(connection),
    send: async (request) => await client.send(request, { ...sendOptions, signal }),
  };
}

function toItems(json: object): INodeExecutionData[] {
  return [{ json: json as IDataObject, pairedItem: { item: 0 } }];
}
