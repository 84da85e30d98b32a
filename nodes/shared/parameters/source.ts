import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

import {
  modelApiUrl,
  nameOf,
  routeUrl,
  type Endpoints,
  type Owner,
  type Target,
} from '../connection/endpoints';
import { UserInputError } from '../errors/userInputError';
import type { ModelKind } from '../knowledge/modelKind';
import { addressing, readOwner, readTarget } from './addressing';
import { readChoice } from './choice';
import { kindNotices } from './kindNotices';
import { readLocator } from './locators';
import type { ParameterContext } from './parameter';

/** A model with an OpenAI-compatible API: one that Baseten hosts, or the user's own deployment. */
export interface Source {
  /** The name that request bodies give as `model`; `baseten` if the user has named none. */
  model: string;
  /** Whether the user has named it. */
  isNamed: boolean;
  /** What is called, for messages. */
  subject: string;
  /** Whether it is a deployment of the user's own. */
  isDeployment: boolean;
  /** Which one it is then. */
  deployment?: { owner: Owner; target: Target };
  /** URL of a route under the source's OpenAI base, such as `/chat/completions`. */
  openAiUrl(path: string): string;
}

/** Where a model with an OpenAI-compatible API runs. */
const SOURCE = {
  name: 'source',
  label: 'Source',
  values: ['deployment', 'modelApi'],
  fallback: 'modelApi',
} as const;

/** What a sub-node calls, for the canvas: the model's name, or the ID of the deployed model. */
export const SOURCE_SUBTITLE = '={{ $parameter["model"].value || $parameter["modelId"]?.value }}';

/**
 * The parameters that say which model with an OpenAI-compatible API is called.
 * @param fitting the kind of model that is wanted; for any other a notice names its operation
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export function sourceParameters(fitting: ModelKind): INodeProperties[] {
  return [
    {
      displayName: 'Source',
      name: 'source',
      type: 'options',
      default: 'modelApi',
      description: 'Where the model runs',
      options: [
        {
          name: 'Deployment',
          value: 'deployment',
          description: 'A deployment of your own with an OpenAI-compatible server',
        },
        { name: 'Model API', value: 'modelApi', description: 'A model that Baseten hosts' },
      ],
    },
    ...updateDisplayOptions({ show: { source: ['deployment'] } }, [
      ...addressing('model'),
      ...kindNotices(fitting),
    ]),
    {
      displayName: 'Model Name',
      name: 'model',
      type: 'resourceLocator',
      default: { mode: 'list', value: '' },
      description:
        'The model to use. On a deployment this is the name that its server gives the model. If it is empty, the node asks the server for it.',
      modes: [
        {
          displayName: 'From List',
          name: 'list',
          type: 'list',
          placeholder: 'Select a model…',
          typeOptions: { searchListMethod: 'searchModelNames', searchable: true },
        },
        {
          displayName: 'By ID',
          name: 'id',
          type: 'string',
          placeholder: 'e.g. deepseek-ai/DeepSeek-V3.1',
        },
      ],
    },
  ];
}

/**
 * Reads which model an item calls.
 * @param itemIndex position of the item in the input
 * @param fallback where the model runs if Source says nothing
 * @throws {UserInputError} if a model that Baseten hosts is meant, but not named, or if Source or
 * Target is none of its values
 */
export function readSource(
  context: ParameterContext,
  itemIndex: number,
  endpoints: Endpoints,
  fallback: 'deployment' | 'modelApi' = SOURCE.fallback,
): Source {
  const model = readLocator(context, 'model', itemIndex).trim();
  if (readChoice(context, { ...SOURCE, fallback }, itemIndex) === 'deployment') {
    const owner = readOwner(context, 'model', itemIndex);
    const target = readTarget(context, itemIndex);
    return {
      // Servers that take any name need one nevertheless.
      model: model || 'baseten',
      isNamed: model !== '',
      subject: nameOf(owner),
      isDeployment: true,
      deployment: { owner, target },
      openAiUrl: (path) => routeUrl(endpoints, { owner, target, route: `/v1${path}` }),
    };
  }
  if (model === '') {
    throw new UserInputError(
      'No model is named',
      'Pick one from the list, or enter the slug that Baseten’s Model APIs page shows.',
    );
  }
  return {
    model,
    isNamed: true,
    subject: `Model API ${model}`,
    isDeployment: false,
    openAiUrl: (path) => modelApiUrl(endpoints, path),
  };
}
