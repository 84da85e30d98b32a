import type { INodeProperties } from 'n8n-workflow';

import { nameOf, pathOf, type Owner, type Target } from '../../../shared/connection/endpoints';
import { BasetenError, type LogExcerpt } from '../../../shared/errors/basetenError';
import { createClient } from '../../../shared/http/client';
import { managementApi, type Manage, type Schemas } from '../../../shared/management/api';
import { compareLines, millisecondOf, type LogLine } from '../../../shared/management/logs';
import { realTime, type Time } from '../../../shared/time';
import { findDeployment, type AnyDeployment } from '../management/owner';
import type { ItemCall } from '../operation';

/** Option: reads the log of a request that failed in the model. */
export const LOGS_ON_ERROR: INodeProperties = {
  displayName: 'Logs on Error',
  name: 'logsOnError',
  type: 'boolean',
  default: true,
  description:
    'Whether to add the model’s log lines to the error of the first item that fails in the model: up to 20 warnings and errors of that request. Reading them takes up to 6 seconds, and needs a key that may use the management API.',
};

/** The most lines that an error has. */
const MOST_LINES = 20;
/** A longer line is cut, in characters. */
const LONGEST_LINE = 2000;
/** The most chainlets whose logs are read. */
const MOST_CHAINLETS = 10;
/** Milliseconds before each time that the log is asked for, since lines come late. */
const PAUSES = [0, 2000, 3000];
/** Milliseconds that all of it may take. */
const PATIENCE = 6000;
/** Milliseconds that a request may have taken until it failed. */
const LOOK_BACK = 2 * 60 * 60 * 1000;
/** Statuses below 500 by which a model itself refuses its input. */
const OF_MODEL = [400, 422];

/** A call that failed. */
interface FailedCall {
  call: ItemCall;
  owner: Owner;
  target: Target;
}

/**
 * Adds to an error what the model logged for its request. Only the first error of a run gets it,
 * and nothing is said if the log can't be read.
 * @param error what the call failed with, of any kind
 * @returns the error with the lines, or as it is
 */
export async function withLogs(
  error: unknown,
  failed: FailedCall,
  time: Time = realTime,
): Promise<unknown> {
  const { call } = failed;
  if (call.options.own.logsOnError === false || !isOfModel(error)) return error;
  let isFirst = false;
  await call.once('the log of a failure', async () => {
    isFirst = true;
  });
  if (!isFirst) return error;
  call.stopStarting();
  const logs = await readLines(failed, error, time);
  return logs.length > 0 ? new BasetenError(error.message, { ...error, logs }) : error;
}

/** Whether the model failed, and Baseten says which request it was. */
function isOfModel(error: unknown): error is BasetenError & { requestId: string } {
  if (!(error instanceof BasetenError) || error.requestId === undefined) return false;
  const { status = 0, code } = error;
  // Baseten's own refusals have a code.
  return status >= 500 || (OF_MODEL.includes(status) && code === undefined);
}

async function readLines(
  { call, owner, target }: FailedCall,
  { requestId, status = 0 }: BasetenError,
  time: Time,
): Promise<LogExcerpt[]> {
  const { context, connection } = call;
  const signal = AbortSignal.any([call.signal, time.limit(PATIENCE)]);
  // It is no request of the run, so the run's retries and limits don't hold for it.
  const client = createClient(context, connection);
  const options = { timeout: PATIENCE / 1000, maxRetries: 0, signal };
  const manage = managementApi(
    connection.endpoints,
    async (request) => await client.send(request, options),
  );
  const query = {
    request_id: requestId,
    min_level: 'WARNING',
    direction: 'desc',
    limit: MOST_LINES,
    start_epoch_millis: time.now() - LOOK_BACK,
  };
  try {
    const logs = logsOf(owner, await findDeployment(manage, owner, target));
    // Who refuses an input says why in its response, and seldom in a log: nobody waits for that.
    for (const pause of status >= 500 ? PAUSES : [0]) {
      if (pause > 0) await time.wait(pause, signal);
      if (signal.aborted) break;
      const lines = await Promise.all(logs.map(async (log) => await readLog(manage, log, query)));
      const found = lines.flat().sort((one, other) => compareLines(one.line, other.line));
      if (found.length > 0) return found.slice(-MOST_LINES).map(toExcerpt);
    }
  } catch {
    // The error itself says what matters.
  }
  return [];
}

/** A log: the parts of its path up to `logs`, and the chainlet that it is of. */
interface Log {
  path: string[];
  chainlet?: string;
  subject: string;
}

function logsOf(owner: Owner, deployment: AnyDeployment): Log[] {
  const path = [...pathOf(owner), 'deployments', deployment.id];
  const subject = `the logs of ${nameOf(owner)}`;
  if (!('chainlets' in deployment)) return [{ path, subject }];
  return deployment.chainlets
    .slice(0, MOST_CHAINLETS)
    .map(({ id, name }) => ({ path: [...path, 'chainlets', id], chainlet: name, subject }));
}

interface FoundLine {
  line: LogLine;
  chainlet?: string;
}

async function readLog(manage: Manage, log: Log, query: object): Promise<FoundLine[]> {
  const { path, subject, chainlet } = log;
  const { logs } = await manage<Schemas['GetLogsResponseV1']>({
    path: [...path, 'logs'],
    query: { ...query },
    subject,
  });
  // The oldest first, so that lines of the same time keep their order.
  return [...logs].reverse().map((line) => ({ line, chainlet }));
}

function toExcerpt({ line, chainlet }: FoundLine): LogExcerpt {
  const { level, message } = line;
  const text = message.trimEnd();
  return {
    time: new Date(millisecondOf(line)).toISOString(),
    level: level ?? null,
    message: text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text,
    ...(chainlet !== undefined && { chainlet }),
  };
}
