import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

import { modelApiUrl, nameOf, routeUrl, type Endpoints } from '../connection/endpoints';
import { UserInputError } from '../errors/userInputError';
import { addressing, readOwner, readTarget } from './addressing';
import { readLocator, type ParameterContext } from './locators';

/** Who answers: a hosted LLM of Baseten, or a deployment of one's own with an OpenAI-compatible server. */
export interface Source {
  /** Name of the model in request bodies. */
  model: string;
  /** What is called, for messages. */
  subject: string;
  /** URL of a route under the source's OpenAI base, such as `/chat/completions`. */
  openAiUrl(path: string): string;
}

/** Source, its addressing, and the name of the model. */
export function sourceParameters(): INodeProperties[] {
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
    ...updateDisplayOptions({ show: { source: ['deployment'] } }, addressing('model')),
    {
      displayName: 'Model Name',
      name: 'model',
      type: 'resourceLocator',
      default: { mode: 'list', value: '' },
      description:
        'The model to use. On a deployment the name it is served under; empty for engines that take any.',
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

/** Reads who answers an item. @throws {UserInputError} where no model is named */
export function readSource(
  context: ParameterContext,
  itemIndex: number,
  endpoints: Endpoints,
): Source {
  const model = readLocator(context, 'model', itemIndex).trim();
  if (context.getNodeParameter('source', itemIndex, 'modelApi') === 'deployment') {
    const owner = readOwner(context, 'model', itemIndex);
    const target = readTarget(context, itemIndex);
    return {
      // Engines that take any name are served as this one.
      model: model || 'baseten',
      subject: nameOf(owner),
      openAiUrl: (path) => routeUrl(endpoints, owner, target, `/v1${path}`),
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
    subject: `Model API ${model}`,
    openAiUrl: (path) => modelApiUrl(endpoints, path),
  };
}
