import {
  NodeConnectionTypes,
  type INodeType,
  type INodeTypeDescription,
  type ISupplyDataFunctions,
  type SupplyData,
} from 'n8n-workflow';

import { basetenWorkspaceTest } from '../shared/connection/credentialTest';
import * as listSearch from '../shared/parameters/listSearch';
import { properties } from './properties';
import { createReranker } from './reranker';

/** The reranker of vector stores. */
export class RerankerBaseten implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Reranker Baseten',
    name: 'rerankerBaseten',
    icon: { light: 'file:../../icons/baseten.svg', dark: 'file:../../icons/baseten.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{ $parameter["modelId"]?.value }}',
    description:
      'Choose the documents of a vector store that answer a question best, with a reranker on Baseten',
    builderHint: {
      searchHint: 'Chooses the best documents of a vector store, with a deployment of a reranker.',
    },
    defaults: { name: 'Reranker Baseten' },
    inputs: [],
    outputs: [NodeConnectionTypes.AiReranker],
    outputNames: ['Reranker'],
    credentials: [
      { name: 'basetenWorkspaceApi', required: true, testedBy: 'basetenWorkspaceTest' },
    ],
    properties,
  };

  methods = { credentialTest: { basetenWorkspaceTest }, listSearch };

  async supplyData(this: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
    return { response: await createReranker(this, itemIndex) };
  }
}
