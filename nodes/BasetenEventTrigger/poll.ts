// Decisions: docs/decisions.md, "What an event trigger remembers is saved with what it reports".

import {
  NodeOperationError,
  type IDataObject,
  type INodeExecutionData,
  type IPollFunctions,
} from 'n8n-workflow';

import { toConnectionWithKey } from '../shared/connection/connection';
import { UserInputError } from '../shared/errors/userInputError';
import { hidingSecrets, toNodeError } from '../shared/errors/nodeErrors';
import { secretsOf } from '../shared/errors/redact';
import { createClient } from '../shared/http/client';
import { RunFlow } from '../shared/http/flow/runFlow';
import { PROCESS_STATE, type HttpState } from '../shared/http/state';
import { managementApi } from '../shared/management/api';
import { auditLog } from './auditLog';
import { deploymentStatus } from './deploymentStatus';
import type { EventKind, World } from './event';
import { Memory } from './memory';
import { promotion } from './promotion';
import { readSettings, type Settings } from './settings';
import { spending } from './spending';

/** How many reads may be under way at once. */
const PLACES = 4;
/**
 * Reads in a minute, evenly spaced, so that a large workspace is not asked for all at once; and how
 * many if n8n gives a poll less than a minute.
 */
const READS_PER_MINUTE = 600;
const HURRIED_READS_PER_MINUTE = 1200;
/** Most seconds for one read, and how often a failed one is repeated. */
const READ = { timeout: 30, maxRetries: 3 };
/** Milliseconds that a poll may take, if n8n does not say. */
const USUAL_BUDGET = 5 * 60 * 1000;

/**
 * Activations that nobody watches. If a poll failed there, n8n would not poll again until its own
 * repeats succeed.
 */
const UNATTENDED = ['init', 'leadershipChange'];

/** Polls that have begun at least once. n8n makes a context for each activation. */
const begun = new WeakSet<IPollFunctions>();
/** Polls that are under way. A slow one is not overtaken by the next. */
const underway = new WeakSet<IPollFunctions>();

const KINDS = { auditLog, deploymentStatus, promotion, spending };

/**
 * Looks what happened since the last poll.
 * @returns an item for each event, or nothing, so that nothing starts
 * @throws what n8n shows, if nothing could be found out
 */
export async function poll(
  context: IPollFunctions,
  state: HttpState = PROCESS_STATE,
): Promise<INodeExecutionData[][] | null> {
  if (underway.has(context)) return null;
  const isActivation = !begun.has(context);
  begun.add(context);
  underway.add(context);
  try {
    return await lookOnce(context, state);
  } catch (error) {
    const shown = toNodeError(context.getNode(), error, 0);
    if (!isActivation || !UNATTENDED.includes(context.getActivationMode())) throw shown;
    context.logger.error(`${context.getNode().name}: ${shown.message}`);
    return null;
  } finally {
    underway.delete(context);
  }
}

async function lookOnce(
  context: IPollFunctions,
  state: HttpState,
): Promise<INodeExecutionData[][] | null> {
  const settings = readSettings(context);
  const kind = KINDS[settings.event] as unknown as EventKind<Settings, unknown>;
  const connection = toConnectionWithKey(await context.getCredentials('basetenWorkspaceApi'));
  const secrets = secretsOf(connection);
  const world = worldOf(context, connection, state);
  if (context.getMode() === 'manual') {
    const item = await hidingSecrets(secrets, async () => await kind.latest(world, settings));
    if (item) return output([item]);
    throw nothingYet(context, settings);
  }
  const { id } = context.getNode().credentials?.basetenWorkspaceApi ?? {};
  // Another credential may be another workspace.
  const memory = new Memory<unknown>(context.getWorkflowStaticData('node'), [settings, id]);
  const found = await hidingSecrets(
    secrets,
    async () => await kind.look(world, settings, memory.read()),
  );
  memory.write(found.known);
  if (found.failure !== undefined) {
    if (found.items.length === 0) throw found.failure;
    // What was found must not wait for the rest.
    const { message } = toNodeError(context.getNode(), found.failure, 0);
    context.logger.warn(`${context.getNode().name}: a part could not be read: ${message}`);
  }
  return found.items.length > 0 ? output(found.items) : null;
}

function worldOf(
  context: IPollFunctions,
  connection: ReturnType<typeof toConnectionWithKey>,
  state: HttpState,
): World {
  const client = createClient(context, connection, state);
  // Older hosts don't say how long a poll may take.
  const budget = (context as Partial<IPollFunctions>).getPollBudgetMs?.() ?? USUAL_BUDGET;
  const requestsPerMinute = budget < 60_000 ? HURRIED_READS_PER_MINUTE : READS_PER_MINUTE;
  const flow = new RunFlow({ maxConcurrency: PLACES, requestsPerMinute, tokensPerMinute: 0 });
  const signal = state.time.limit(budget);
  const manage = managementApi(connection.endpoints, async (request) => {
    try {
      return await client.send(request, { ...READ, signal, flow });
    } catch (error) {
      throw signal.aborted ? tookTooLong(budget) : error;
    }
  });
  return { manage, now: state.time.now(), places: PLACES };
}

function tookTooLong(budget: number): UserInputError {
  return new UserInputError(
    `A poll took longer than the ${Math.round(budget / 1000)} seconds that it may take`,
    'Watch a single model, or see whether Baseten answers slowly. The next poll goes on.',
  );
}

function output(items: IDataObject[]): INodeExecutionData[][] {
  return [items.map((json) => ({ json }))];
}

const NOTHING: Record<Settings['event'], string> = {
  auditLog: 'The audit log has no such entry yet',
  deploymentStatus: 'There is no deployment yet',
  promotion: 'There is no environment with a deployment yet',
  spending: 'There are no costs yet',
};

function nothingYet(context: IPollFunctions, { event }: Settings): NodeOperationError {
  return new NodeOperationError(context.getNode(), NOTHING[event], {
    description: 'So there is nothing to show. The workflow can be published all the same.',
  });
}
