import '../../host/n8n/engineEnvironment.js';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { INodeParameters, INodeType, VersionedNodeType } from 'n8n-workflow';
import { runBaseten } from '../../host/n8n/engine';
import { credentialFields, httpRequestNode, predictNode } from '../predictions/nodes';
import type { FlowCaller } from './types';

/** An execution of a workflow that sends a request for each of its items. */
export interface Execution {
  caller: FlowCaller;
  /** The ID of the model. */
  model: string;
  key: string;
  /** Its items have the numbers from here on, so that their requests can be told apart. */
  firstItem: number;
  items: number;
  /** _Max Concurrency_; undefined if nothing is set. */
  fixed?: number;
  /** Milliseconds until the execution begins, and until it is stopped: not by default. */
  beginAfterMs?: number;
  stopAfterMs?: number;
}

/** Executions side by side, and what they need. */
export interface FlowJob {
  executions: Execution[];
  /** Where the emulator is. */
  url: string;
  /** The folder of the real n8n, whose HTTP Request node is used. */
  hostFolder: string;
  /** The checkout whose built node is used. */
  nodeFolder: string;
}

/** How one execution went. */
export interface Executed {
  /** When its node began and ended, in ms since the epoch. */
  start: number;
  end: number;
  /** Items that came back with their answer, in their places. */
  answered: number;
}

let executions = 0;

/** Runs executions side by side in n8n-core's engine. Items that fail don't end them. */
export async function runExecutions(job: FlowJob): Promise<Executed[]> {
  return await Promise.all(job.executions.map((one) => runOne(one, job)));
}

async function runOne(execution: Execution, job: FlowJob): Promise<Executed> {
  const { caller, model, key, items: count, firstItem, fixed, beginAfterMs = 0 } = execution;
  const { parameters, typeVersion } =
    caller === 'httpRequest'
      ? httpRequestNode(job.url, {}, { model, key })
      : predictNode(fixed === undefined ? {} : { maxConcurrency: fixed }, model);
  if (beginAfterMs > 0) await pause(beginAfterMs);
  let timer: NodeJS.Timeout | undefined;
  const { items, run } = await runBaseten({
    credential: { ...credentialFields(job.url), apiKey: key },
    items: Array.from({ length: count }, (_, item) => ({ json: { n: firstItem + item } })),
    parameters: parameters as INodeParameters,
    other: { type: nodeOf(caller, job, typeVersion), version: typeVersion },
    onError: 'continueRegularOutput',
    executionId: `execution-${executions++}`,
    onStarted(cancel) {
      if (execution.stopAfterMs !== undefined) timer = setTimeout(cancel, execution.stopAfterMs);
    },
  });
  clearTimeout(timer);
  const task = run.data.resultData.runData.Baseten?.[0];
  const start = task?.startTime ?? NaN;
  const answered = items.filter(({ json }, item) => json.n === firstItem + item).length;
  return { start, end: start + (task?.executionTime ?? NaN), answered };
}

function nodeOf(caller: FlowCaller, { hostFolder, nodeFolder }: FlowJob, version: number) {
  if (caller === 'httpRequest') {
    const load = createRequire(join(hostFolder, 'package.json'));
    const { HttpRequest } = load('n8n-nodes-base/dist/nodes/HttpRequest/HttpRequest.node.js');
    return (new HttpRequest() as VersionedNodeType).getNodeType(version);
  }
  const load = createRequire(join(nodeFolder, 'package.json'));
  const { Baseten } = load('./dist/nodes/Baseten/Baseten.node.js');
  return new Baseten() as INodeType;
}
