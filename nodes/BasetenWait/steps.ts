// Decisions: docs/decisions.md, "A sub-execution waits for the result".

import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { parseUrl } from '../shared/parseUrl';
import { askStatus, submitAsync, type Send } from '../shared/async/requests';
import type { AsyncRequestStatus } from '../shared/async/status';
import { toConnectionWithKey } from '../shared/connection/connection';
import type { Endpoints } from '../shared/connection/endpoints';
import { hidingSecrets, toNodeError } from '../shared/errors/nodeErrors';
import { secretsOf } from '../shared/errors/redact';
import { UserInputError } from '../shared/errors/userInputError';
import { createClient } from '../shared/http/client';
import type { PendingRequest, Submission, WaitJob, WokenWith } from '../shared/waiting/job';
import { SETTLE_OUTPUTS, type WaitStep } from '../shared/waiting/workflow';
import { parseWebhookUrl } from '../shared/webhook/url';
import { isSuccess } from '../shared/webhook/verify';
import { nextLook } from './looks';
import { settleByResult, settleByStatus } from './settle';

/** Seconds that Baseten keeps a request in its queue unless it is told otherwise. */
const TIME_IN_QUEUE = 600;

/**
 * How a status is asked for while the result may still come. n8n refuses the result until this is
 * over, so it is short.
 */
const LOOK: WaitJob['sendOptions'] = { timeout: 10, maxRetries: 0 };

/** What a step needs to talk to Baseten. */
interface Access {
  send: Send;
  endpoints: Endpoints;
  /** What no error may show. */
  secrets: string[];
}

/**
 * Runs the step that the node is set to, on its one item.
 * @throws {NodeApiError | NodeOperationError} if the step fails, or if there is no such step
 */
export async function runStep(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const json: unknown = context.getInputData()[0]?.json ?? {};
  const step = context.getNodeParameter('step', 0) as WaitStep;
  try {
    switch (step) {
      case 'submit':
        return [toItems(await submit(context, json as Submission))];
      case 'wait':
        return [toItems(await wait(context, json as PendingRequest))];
      case 'settle': {
        const job = context.getNodeParameter('job', 0, {}) as unknown as WaitJob;
        return await settleStep(context, job, json as WokenWith);
      }
      default:
        throw new UserInputError(
          `Baseten Wait has no step ${JSON.stringify(step)}`,
          'Its steps are "submit", "wait" and "settle". The Baseten node sets them: choose Wait for Result there.',
        );
    }
  } catch (error) {
    throw toNodeError(context.getNode(), error, 0);
  }
}

/** Submits a job, with the URL that wakes this execution as its webhook. */
async function submit(context: IExecuteFunctions, job: Submission): Promise<PendingRequest> {
  const { send, endpoints, secrets } = await readAccess(context, job.sendOptions);
  const resumeUrl = parseResumeUrl(
    context.evaluateExpression('{{ $execution.resumeUrl }}', 0),
    endpoints,
  );
  const body = { ...job.body, webhook_endpoint: resumeUrl };
  return {
    requestId: await hidingSecrets(
      secrets,
      async () => await submitAsync(send, endpoints, { ...job, body }),
    ),
    submissions: (job.submissions ?? 0) + 1,
    submittedAt: Date.now(),
    queueEnd: Date.now() + (body.max_time_in_queue_seconds ?? TIME_IN_QUEUE) * 1000,
    waitUntil: job.waitUntil ?? Date.now() + job.waitTimeout * 1000,
    notFound: 0,
  };
}

/**
 * Puts the execution to sleep until its result comes, or until it is time to look at the status.
 */
async function wait(context: IExecuteFunctions, request: PendingRequest): Promise<PendingRequest> {
  await context.putExecutionToWait(new Date(nextLook(request, Date.now())));
  return request;
}

/** Gives the item to the output that is decided on. */
async function settleStep(
  context: IExecuteFunctions,
  job: WaitJob,
  wokenWith: WokenWith,
): Promise<INodeExecutionData[][]> {
  const secrets: string[] = [];
  const access = async (...how: [WaitJob['sendOptions'], AbortSignal?]) => {
    const read = await readAccess(context, ...how);
    secrets.push(...read.secrets);
    return read;
  };
  const { output, json } = await hidingSecrets(secrets, async () => {
    if (!('result' in wokenWith)) {
      const signal = context.getExecutionCancelSignal();
      return await settleByStatus(
        job,
        wokenWith,
        async () => await look(access, job, wokenWith),
        signal,
      );
    }
    // Only the words of a failure can hold a secret, so a success needs no credential any more.
    if (!isSuccess(wokenWith.result)) await access(job.sendOptions);
    return settleByResult(job, wokenWith.result);
  });
  return SETTLE_OUTPUTS.map((each) => (each === output ? toItems(json) : []));
}

/** Asks for the status: shortly, while the result may still come. */
async function look(
  access: (sendOptions: WaitJob['sendOptions'], limit?: AbortSignal) => Promise<Access>,
  job: WaitJob,
  { requestId, waitUntil }: PendingRequest,
): Promise<AsyncRequestStatus> {
  const { send, endpoints } =
    Date.now() < waitUntil
      ? await access(LOOK, AbortSignal.timeout(LOOK.timeout * 1000))
      : await access(job.sendOptions);
  return await askStatus(send, endpoints, job.owner, requestId);
}

function parseResumeUrl(value: unknown, endpoints: Endpoints): string {
  try {
    return parseWebhookUrl(value, endpoints).toString();
  } catch {
    throw notReachable(value);
  }
}

function notReachable(resumeUrl: unknown): UserInputError {
  const isUrl = typeof resumeUrl === 'string' && parseUrl(resumeUrl) !== undefined;
  const origin = isUrl ? new URL(resumeUrl).origin : String(resumeUrl);
  return new UserInputError(
    `Baseten can't deliver to this n8n at ${origin}`,
    'Baseten delivers to public https:// addresses only. Set n8n’s webhook URL (N8N_WEBHOOK_URL) to its public https address.',
  );
}

/** @param limit stops requests, and also their wait after a rate limit */
async function readAccess(
  context: IExecuteFunctions,
  sendOptions: WaitJob['sendOptions'],
  limit?: AbortSignal,
): Promise<Access> {
  const connection = toConnectionWithKey(await context.getCredentials('basetenWorkspaceApi'));
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
