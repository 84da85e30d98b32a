import {
  NodeConnectionTypes,
  type INodeType,
  type INodeTypeDescription,
  type ISupplyDataFunctions,
  type SupplyData,
} from 'n8n-workflow';

import { basetenWorkspaceTest } from '../shared/connection/credentialTest';
import * as listSearch from '../shared/parameters/listSearch';
import { SOURCE_SUBTITLE } from '../shared/parameters/source';
import { createEmbeddings } from './embeddings';
import { properties } from './properties';

/** The embeddings of vector stores. */
export class EmbeddingsBaseten implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Embeddings Baseten',
    name: 'embeddingsBaseten',
    icon: { light: 'file:../../icons/baseten.svg', dark: 'file:../../icons/baseten.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: SOURCE_SUBTITLE,
    description: 'Turn texts into vectors with a model on Baseten, for a vector store',
    builderHint: {
      searchHint:
        'Embeddings for vector stores. They need a deployment of an embedding model: the hosted models of Baseten are for chat only.',
    },
    defaults: { name: 'Embeddings Baseten' },
    inputs: [],
    outputs: [NodeConnectionTypes.AiEmbedding],
    outputNames: ['Embeddings'],
    credentials: [
      { name: 'basetenWorkspaceApi', required: true, testedBy: 'basetenWorkspaceTest' },
    ],
    properties,
  };

  methods = { credentialTest: { basetenWorkspaceTest }, listSearch };

  async supplyData(this: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
    return { response: await createEmbeddings(this, itemIndex) };
  }
}
