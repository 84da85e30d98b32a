import type { INodeParameters, INodeProperties } from 'n8n-workflow';

import { CHAIN_IDS, deploymentIdFor, MODEL_API_SLUGS, MODEL_IDS } from '../../emulator';
import { Baseten } from '../../nodes/Baseten/Baseten.node';
import { byId } from './parameters';

/** Parameters with which each operation sends a request. */
export const REQUEST_PARAMETERS: INodeParameters = {
  modelId: byId(MODEL_IDS.echo),
  chainId: byId(CHAIN_IDS.echo),
  target: 'production',
  environment: 'production',
  deploymentId: deploymentIdFor(MODEL_IDS.echo, 'staging'),
  requestId: '0'.repeat(32),
  input: '{"a": 1}',
  inputMode: 'json',
  outputFormat: 'json',
  delivery: 'none',
  route: '/v1/models',
  prompt: 'Hello',
  model: byId(MODEL_API_SLUGS.chat),
  text: 'Hello',
  query: 'Hello',
  texts: '["a", "b"]',
  autoscaling: { minReplica: 1 },
  audioSource: 'url',
  audioUrl: 'https://example.com/a.mp3',
  options: { maxRetries: 0 },
};

const named = (name: string) =>
  new Baseten().description.properties.filter((property) => property.name === name);
/** Every operation of the node, after its resource. */
export const OPERATIONS = named('operation').flatMap(
  ({ displayOptions, options = [] }: INodeProperties) =>
    (displayOptions?.show?.resource ?? []).flatMap((resource) =>
      options.map((option) => [String(resource), 'value' in option ? String(option.value) : '']),
    ),
);
