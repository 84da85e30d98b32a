// Decisions: docs/decisions.md, "What Baseten knows about a model comes into the form".

import type { Connection } from '../connection/connection';
import { nameOfKey } from '../connection/nameOfKey';
import { managementUrl, readinessUrl, type Target } from '../connection/endpoints';
import { notBasetenFailure } from '../errors/basetenError';
import { hidingSecrets } from '../errors/nodeErrors';
import { secretsOf } from '../errors/redact';
import { UserInputError } from '../errors/userInputError';
import { createClient, type HttpContext } from '../http/client';
import { isRecord } from '../json';
import { parseResponse } from '../payload/responseItem';
import { PROCESS_MEMORY, type Memory } from './memory';

/** Most seconds for one request: a person, or a whole run, waits for it. */
const TIMEOUT = 20;
/** Milliseconds that it is remembered which deployment a target names. A promotion changes it. */
const TARGET_FRESH_FOR = 30_000;
/** Milliseconds that a configuration is remembered. Only a development deployment's can change. */
const CONFIG_FRESH_FOR = 300_000;

/** Whom to ask, and about which deployment of which model. */
export interface KnowledgeQuestion {
  /** n8n's context: of a run, or of the form. */
  context: HttpContext;
  connection: Connection;
  modelId: string;
  target: Target;
  /** How often a request that failed is repeated: once by default. */
  maxRetries?: number;
  /** Stops waiting for the answer. */
  signal?: AbortSignal;
}

/** What the configuration of a deployment says about its model. */
export interface ModelKnowledge {
  deploymentId: string;
  /**
   * The input that fills Baseten's playground: an object as a rule, sometimes a text or a list.
   * Nothing if the deployment has none.
   */
  example: unknown;
  /** Words that say what kind of model it is, such as `openai-compatible`. Often there are none. */
  tags: string[];
  /** The route of the model's own server that predict leads to; empty if it has none. */
  predictEndpoint: string;
}

/** A deployment as the management API shows it. */
export interface DeploymentState {
  id: string;
  /** Such as `ACTIVE`; empty if the response does not say. */
  status: string;
  /** Whether a replica is up, so that a request wakes nothing. */
  isAwake: boolean;
}

/**
 * Reads what Baseten knows about the model that a target names: its example input and its tags. It
 * sends one or two requests with the credential's management key, and remembers the answers.
 * @throws {BasetenError} if Baseten refuses; its status is 403 if the key may not read it
 * @throws {UserInputError} if an ID can't be used, or nothing is deployed there
 * @see https://docs.baseten.co/reference/management-api/deployments/gets-a-deployments-config
 */
export async function knowledgeOf(
  question: KnowledgeQuestion,
  memory: Memory = PROCESS_MEMORY,
): Promise<ModelKnowledge> {
  return await orStopped(readKnowledge(question, memory), question.signal);
}

async function readKnowledge(question: KnowledgeQuestion, memory: Memory): Promise<ModelKnowledge> {
  const { connection, modelId } = question;
  const id = modelId.trim();
  const deploymentId = await deploymentIdOf(question, memory);
  const url = `${managementUrl(connection.endpoints, 'models', id, 'deployments', deploymentId, 'config')}?output_format=parsed`;
  const subject = `the configuration of model ${id}`;
  return await memory.recall(memoryKey(connection, url), CONFIG_FRESH_FOR, async () =>
    toKnowledge(deploymentId, await getJson(question, url, subject), subject),
  );
}

/**
 * Reads which deployment a target names, and whether it is awake. Asking wakes nothing.
 * @throws like `knowledgeOf`
 * @see https://docs.baseten.co/reference/management-api/environments/get-an-environments-details
 */
export async function deploymentStateOf(
  question: KnowledgeQuestion,
  memory: Memory = PROCESS_MEMORY,
): Promise<DeploymentState> {
  const { connection, modelId, target } = question;
  const id = modelId.trim();
  const url = readinessUrl(connection.endpoints, id, target);
  const subject = `the deployment of model ${id}`;
  const answer = memory.recall(memoryKey(connection, url), TARGET_FRESH_FOR, async () =>
    toDeploymentState(await getJson(question, url, subject), id, subject),
  );
  return await orStopped(answer, question.signal);
}

async function deploymentIdOf(question: KnowledgeQuestion, memory: Memory): Promise<string> {
  const { target } = question;
  if (target.type === 'deployment') return target.deploymentId;
  return (await deploymentStateOf(question, memory)).id;
}

/** The question goes on for whoever else asked it: its answer is remembered. */
async function orStopped<Answer>(work: Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
  if (!signal) return await work;
  // Node warns of a signal with many listeners, and all items of a run share theirs.
  const own = AbortSignal.any([signal]);
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => reject(own.reason as Error);
    if (own.aborted) stop();
    own.addEventListener('abort', stop, { once: true });
  });
  return await Promise.race([work, stopped]);
}

async function getJson(
  { context, connection, maxRetries = 1 }: KnowledgeQuestion,
  url: string,
  subject: string,
): Promise<unknown> {
  const response = await createClient(context, connection).send(
    { method: 'GET', url, key: 'management', subject },
    { timeout: TIMEOUT, maxRetries },
  );
  return await hidingSecrets(secretsOf(connection), async () =>
    parseResponse(response.body, subject),
  );
}

/** Two keys may be allowed different things, so they share no answers. */
function memoryKey({ managementKey }: Connection, url: string): string {
  return `${nameOfKey(managementKey)} ${url}`;
}

/** The response is an environment with its deployment, or a deployment itself. */
function toDeploymentState(response: unknown, modelId: string, subject: string): DeploymentState {
  if (!isRecord(response)) throw notBasetenFailure(subject);
  const deployment = 'current_deployment' in response ? response.current_deployment : response;
  if (deployment === null) {
    throw new UserInputError(
      `Model ${modelId} has no deployment there`,
      'Choose another Target, or promote a deployment first with Deployment → Promote.',
    );
  }
  if (!isRecord(deployment) || typeof deployment.id !== 'string') throw notBasetenFailure(subject);
  const { id, status, active_replica_count: replicas } = deployment;
  return {
    id,
    status: typeof status === 'string' ? status : '',
    isAwake: status === 'ACTIVE' && replicas !== 0,
  };
}

function toKnowledge(deploymentId: string, response: unknown, subject: string): ModelKnowledge {
  if (!isRecord(response)) throw notBasetenFailure(subject);
  const config = isRecord(response.config) ? response.config : {};
  const metadata = isRecord(config.model_metadata) ? config.model_metadata : {};
  const tags = Array.isArray(metadata.tags) ? metadata.tags : [];
  const server = isRecord(config.docker_server) ? config.docker_server : {};
  return {
    deploymentId,
    example: metadata.example_model_input ?? undefined,
    tags: tags.filter((tag): tag is string => typeof tag === 'string'),
    predictEndpoint: typeof server.predict_endpoint === 'string' ? server.predict_endpoint : '',
  };
}
